using Tidemark.Block.Contract;
using Tidemark.Cli.Options;

namespace Tidemark.Cli.Img;

/// <summary>How a command opens an image.</summary>
internal sealed record ImgOpen
{
    /// <summary>For writing.</summary>
    public bool Writable { get; init; }

    /// <summary>-U: although others write.</summary>
    public bool ForceShare { get; init; }

    /// <summary>--image-opts: the name is a list of options.</summary>
    public bool ImageOptions { get; init; }

    /// <summary>-t or -T.</summary>
    public CacheMode Cache { get; init; }

    /// <summary>Whether discards and zeroes may deallocate.</summary>
    public bool Unmap { get; init; }

    /// <summary>Whether backing files are opened.</summary>
    public OpenDefaults Defaults { get; init; } = OpenDefaults.Reference;
}
