using Tidemark.Core.Schema;

namespace Tidemark.Drivers.File;

/// <summary>The reference's ways of reaching a file; the engine here chooses by itself, so that they differ in name only.</summary>
[Schema(Name = "BlockdevAioOptions")]
internal enum AioMode
{
    /// <summary>A pool of threads.</summary>
    Threads,

    /// <summary>Linux AIO.</summary>
    Native,

    /// <summary>io_uring.</summary>
    [Wire("io_uring")]
    IoUring,
}
