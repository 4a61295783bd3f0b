namespace Tidemark.Block.Contract;

/// <summary>How far opening goes beyond what the options spell out.</summary>
public sealed record OpenDefaults
{
    /// <summary>As the reference: backing files that an image names are opened.</summary>
    public static readonly OpenDefaults Reference = new();

    /// <summary>For images from strangers: nothing that an image names is opened unless the options name it too.</summary>
    public static readonly OpenDefaults Untrusted = new() { FollowImageReferences = false };

    /// <summary>Whether backing and data files named by an image are opened.</summary>
    public bool FollowImageReferences { get; init; } = true;

    /// <summary>Whether a backing file is opened at all (qemu-img's plain commands on one layer do without).</summary>
    public bool OpenBacking { get; init; } = true;

    /// <summary>For check and amend: open an image although it is marked corrupt or its bitmaps can't be read.</summary>
    public bool ForCheck { get; init; }

    /// <summary>File names already open on the way down, so that a chain that comes back to itself is refused.</summary>
    public IReadOnlyList<string> Chain { get; init; } = [];
}
