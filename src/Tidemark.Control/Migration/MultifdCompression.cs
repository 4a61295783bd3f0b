using Tidemark.Core.Schema;

namespace Tidemark.Control.Migration;

/// <summary>How memory is compressed on several connections (MultiFDCompression).</summary>
[Schema(Name = "MultiFDCompression")]
internal enum MultifdCompression
{
    None,
    Zlib,
    Zstd,
}
