using Tidemark.Core.Schema;

namespace Tidemark.Drivers.Qcow2.Create;

/// <summary>How clusters are compressed.</summary>
[Schema]
internal enum Qcow2CompressionType
{
    /// <summary>Deflate.</summary>
    Zlib,

    /// <summary>Zstandard.</summary>
    Zstd,
}
