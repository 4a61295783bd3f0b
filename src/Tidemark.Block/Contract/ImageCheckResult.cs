namespace Tidemark.Block.Contract;

/// <summary>What a check found and mended.</summary>
public sealed record ImageCheckResult
{
    /// <summary>Errors that are left.</summary>
    public long Corruptions { get; set; }

    /// <summary>Leaked clusters that are left.</summary>
    public long Leaks { get; set; }

    /// <summary>Places that could not be read or checked.</summary>
    public long CheckErrors { get; set; }

    /// <summary>Errors that were mended.</summary>
    public long CorruptionsFixed { get; set; }

    /// <summary>Leaked clusters that were freed.</summary>
    public long LeaksFixed { get; set; }

    /// <summary>End of what is in use of the image file, bytes.</summary>
    public long ImageEndOffset { get; set; }

    /// <summary>Clusters that the guest's size has.</summary>
    public long TotalClusters { get; set; }

    /// <summary>Of them, those that are allocated.</summary>
    public long AllocatedClusters { get; set; }

    /// <summary>Of those, the ones that do not follow the one before.</summary>
    public long FragmentedClusters { get; set; }

    /// <summary>Of those, the compressed ones.</summary>
    public long CompressedClusters { get; set; }
}
