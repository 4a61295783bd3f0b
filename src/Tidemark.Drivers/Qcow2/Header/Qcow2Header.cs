using System.Text;
using Tidemark.Core.Errors;

namespace Tidemark.Drivers.Qcow2.Header;

/// <summary>
/// The header of a qcow2 image: the fixed fields, the extensions and the backing file's name, all of which lie in the first
/// cluster. Parsing (Qcow2Header.Parse) checks every field; what is not understood is kept and written back byte for byte.
/// (qcow2 specification, "Header" and "Header extensions".)
/// </summary>
internal sealed partial class Qcow2Header
{
    /// <summary>"QFI\xfb".</summary>
    public const uint Magic = 0x5146_49fb;

    /// <summary>Bytes of a version 2 header.</summary>
    public const int LengthV2 = 72;

    /// <summary>Fewest bytes of a version 3 header.</summary>
    public const int MinLengthV3 = 104;

    /// <summary>Bytes of the version 3 header that this code understands, and writes.</summary>
    public const int LengthV3 = 112;

    private const int FeatureNameEntry = 48;

    /// <summary>Format version, 2 or 3.</summary>
    public int Version { get; set; } = 3;

    /// <summary>Log2 of the cluster size.</summary>
    public int ClusterBits { get; init; } = 16;

    /// <summary>Size of the guest's disk, bytes.</summary>
    public long SizeBytes { get; set; }

    /// <summary>0 none, 1 AES, 2 LUKS.</summary>
    public uint EncryptionMethod { get; init; }

    /// <summary>Entries of the active L1 table.</summary>
    public int L1Entries { get; set; }

    /// <summary>Where the active L1 table begins, bytes.</summary>
    public long L1Offset { get; set; }

    /// <summary>Where the refcount table begins, bytes.</summary>
    public long RefcountTableOffset { get; set; }

    /// <summary>Clusters of the refcount table.</summary>
    public int RefcountTableClusters { get; set; }

    /// <summary>Number of internal snapshots.</summary>
    public int SnapshotCount { get; set; }

    /// <summary>Where the snapshot table begins, bytes.</summary>
    public long SnapshotsOffset { get; set; }

    /// <summary>Features without which the image can't be read; see <see cref="Qcow2Features"/>.</summary>
    public ulong IncompatibleFeatures { get; set; }

    /// <summary>Features that may be ignored.</summary>
    public ulong CompatibleFeatures { get; set; }

    /// <summary>Features that a writer who does not know them clears.</summary>
    public ulong AutoclearFeatures { get; set; }

    /// <summary>Log2 of the bits of a refcount.</summary>
    public int RefcountOrder { get; init; } = 4;

    /// <summary>How compressed clusters are packed.</summary>
    public CompressionType CompressionType { get; init; }

    /// <summary>Header bytes behind those that are understood.</summary>
    public ReadOnlyMemory<byte> UnknownFields { get; init; }

    /// <summary>Name of the backing file as stored (UTF-8 by custom), empty if there is none.</summary>
    public ReadOnlyMemory<byte> BackingNameBytes { get; private set; }

    /// <summary>The extensions as found, without the end mark; <see cref="SetExtension"/> changes one.</summary>
    public List<HeaderExtension> Extensions { get; init; } = [];

    /// <summary>Name of the backing file, or null.</summary>
    public string? BackingFileName
    {
        get => BackingNameBytes.IsEmpty ? null : Encoding.UTF8.GetString(BackingNameBytes.Span);
        set => BackingNameBytes = value is null ? default : Encoding.UTF8.GetBytes(value);
    }

    /// <summary>Name of the backing file's format, or null.</summary>
    public string? BackingFormat
    {
        get => FindExtension(HeaderExtension.BackingFormat) is { } found ? Encoding.UTF8.GetString(found.Data.Span) : null;
        set => SetExtension(HeaderExtension.BackingFormat, value is null ? null : Encoding.UTF8.GetBytes(value));
    }

    /// <summary>Whether refcounts may be kept up lazily.</summary>
    public bool HasLazyRefcounts => (CompatibleFeatures & Qcow2Features.LazyRefcounts) != 0;

    /// <summary>Whether the image was not closed cleanly under lazy refcounts.</summary>
    public bool IsDirty => (IncompatibleFeatures & Qcow2Features.Dirty) != 0;

    /// <summary>Whether metadata is known to be damaged.</summary>
    public bool IsCorrupt => (IncompatibleFeatures & Qcow2Features.Corrupt) != 0;

    /// <summary>The geometry that the header describes.</summary>
    public Qcow2Geometry CreateGeometry() => new(ClusterBits, RefcountOrder);

    /// <summary>The extension of this type, or null.</summary>
    public HeaderExtension? FindExtension(uint type) => Extensions.Find(e => e.Type == type);

    /// <summary>Sets the data of the extension of this type; null takes it out.</summary>
    public void SetExtension(uint type, byte[]? data)
    {
        var index = Extensions.FindIndex(e => e.Type == type);
        if (index >= 0 && data is null)
        {
            Extensions.RemoveAt(index);
        }
        else if (index >= 0)
        {
            Extensions[index] = new HeaderExtension(type, data);
        }
        else if (data is not null)
        {
            Extensions.Add(new HeaderExtension(type, data));
        }
    }

    private static BlockException Bad(BlockErrorKind kind, string message) => new(kind, message);
}
