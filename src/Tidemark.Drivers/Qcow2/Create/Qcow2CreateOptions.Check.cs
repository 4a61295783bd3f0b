using Tidemark.Core.Errors;
using Tidemark.Drivers.Qcow2.Header;

namespace Tidemark.Drivers.Qcow2.Create;

internal sealed partial record Qcow2CreateOptions
{
    private const ulong SmallestForSubclusters = 16384;

    /// <summary>These options, if an image can be made like that. Throws <see cref="BlockException"/> in the reference's words.</summary>
    public Qcow2CreateOptions Checked()
    {
        if (Size % 512 != 0 || Size > long.MaxValue)
        {
            throw Invalid("Image size must be a multiple of 512 bytes");
        }
        if (
            ClusterSize is < 1 << Qcow2Geometry.MinClusterBits or > 1 << Qcow2Geometry.MaxClusterBits
            || !ulong.IsPow2(ClusterSize)
        )
        {
            throw Invalid("Cluster size must be a power of two between 512 and 2048k");
        }
        if (BackingFile is not null && Preallocation != Qcow2Preallocation.Off)
        {
            throw Invalid("Backing file and preallocation can only be used at the same time if extended_l2 is enabled");
        }
        if (BackingFile is null && BackingFmt is not null)
        {
            throw Invalid("Backing format cannot be used without backing file");
        }
        if (RefcountBits is < 1 or > 64 || !long.IsPow2(RefcountBits))
        {
            throw Invalid("Refcount width must be a power of two and may not exceed 64 bits");
        }
        CheckVersion();
        CheckUnsupported();
        return this;
    }

    private void CheckVersion()
    {
        if (Version >= BlockdevQcow2Version.V3)
        {
            return;
        }
        var what =
            LazyRefcounts ? "Lazy refcounts only supported"
            : CompressionType != Qcow2CompressionType.Zlib ? "Non-zlib compression type is only supported"
            : ExtendedL2 ? "Extended L2 entries are only supported"
            : DataFile is not null ? "External data files are only supported"
            : null;
        if (what is not null)
        {
            throw Invalid($"{what} with compatibility level 1.1 and above (use version=v3 or greater)");
        }
        if (RefcountBits != 16)
        {
            throw Invalid(
                "Different refcount widths than 16 bits require compatibility level 1.1 or above (use version=v3 or greater)"
            );
        }
    }

    private void CheckUnsupported()
    {
        if (ExtendedL2)
        {
            throw ClusterSize < SmallestForSubclusters
                ? Invalid($"Extended L2 entries are only supported with cluster sizes of at least {SmallestForSubclusters} bytes")
                : Unsupported("Extended L2 entries are not supported");
        }
        if (DataFileRaw && DataFile is null)
        {
            throw Invalid("data-file-raw requires data-file");
        }
        if (DataFileRaw && BackingFile is not null)
        {
            throw Invalid("Backing file and data-file-raw cannot be used at the same time");
        }
        if (DataFile is not null)
        {
            throw Unsupported("External data files are not supported");
        }
        if (Encrypt is not null)
        {
            throw Unsupported("Encrypted images are not supported");
        }
    }

    private static BlockException Invalid(string message) => new(BlockErrorKind.InvalidOptions, message);

    private static BlockException Unsupported(string message) => new(BlockErrorKind.NotSupported, $"qcow2: {message}");
}
