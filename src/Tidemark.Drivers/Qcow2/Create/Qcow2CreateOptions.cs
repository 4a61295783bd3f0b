using Tidemark.Block.Contract;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;
using Tidemark.Drivers.Qcow2.Header;

namespace Tidemark.Drivers.Qcow2.Create;

/// <summary>What an image to be made is like (BlockdevCreateOptionsQcow2). Sizes in bytes.</summary>
[Schema]
internal sealed partial record Qcow2CreateOptions(
    BlockdevRef File,
    [Size] ulong Size,
    BlockdevRef? DataFile = null,
    bool DataFileRaw = false,
    bool ExtendedL2 = false,
    BlockdevQcow2Version Version = BlockdevQcow2Version.V3,
    string? BackingFile = null,
    string? BackingFmt = null,
    JsonObject? Encrypt = null,
    [Size] ulong ClusterSize = 65536,
    Qcow2Preallocation Preallocation = Qcow2Preallocation.Off,
    bool LazyRefcounts = false,
    long RefcountBits = 16,
    Qcow2CompressionType CompressionType = Qcow2CompressionType.Zlib
)
{
    /// <summary>Version as the header has it.</summary>
    public int HeaderVersion => Version == BlockdevQcow2Version.V2 ? 2 : 3;

    /// <summary>Compression as the header has it.</summary>
    public CompressionType Compression =>
        CompressionType == Qcow2CompressionType.Zlib ? Header.CompressionType.Zlib : Header.CompressionType.Zstd;

    /// <summary>What is allocated ahead.</summary>
    public PreallocationMode PreallocationMode =>
        Preallocation switch
        {
            Qcow2Preallocation.Off => PreallocationMode.Off,
            Qcow2Preallocation.Metadata => PreallocationMode.Metadata,
            Qcow2Preallocation.Falloc => PreallocationMode.Falloc,
            _ => PreallocationMode.Full,
        };
}
