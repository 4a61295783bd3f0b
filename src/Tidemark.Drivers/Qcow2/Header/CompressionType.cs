namespace Tidemark.Drivers.Qcow2.Header;

/// <summary>How compressed clusters are packed; the header's byte 104.</summary>
internal enum CompressionType : byte
{
    /// <summary>A raw deflate stream.</summary>
    Zlib = 0,

    /// <summary>A zstd frame.</summary>
    Zstd = 1,
}
