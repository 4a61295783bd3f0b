using Tidemark.Core.Schema;

namespace Tidemark.Drivers.File;

/// <summary>The wire's PreallocMode.</summary>
[Schema(Name = "PreallocMode")]
internal enum FilePreallocation
{
    /// <summary>Nothing.</summary>
    Off,

    /// <summary>The tables of a format; a plain file has none.</summary>
    Metadata,

    /// <summary>Space is reserved, not written.</summary>
    Falloc,

    /// <summary>Space is written.</summary>
    Full,
}
