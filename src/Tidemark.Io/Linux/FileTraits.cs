using Tidemark.Io.Contract;

namespace Tidemark.Io.Linux;

/// <summary>What was found out about a file when it was opened.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="IsMemory">Lives in memory (tmpfs): nothing blocks.</param>
/// <param name="IsDirect">Opened past the page cache.</param>
/// <param name="ReadsInLine">Reads may be tried on the loop's thread: RWF_NOWAIT works, or the file is in memory.</param>
/// <param name="WritesInLine">Writes go to the page cache of a local file system without waiting for the medium.</param>
/// <param name="RequestAlignment">Alignment of offsets and lengths, bytes.</param>
/// <param name="MemoryAlignment">Alignment of memory, bytes.</param>
internal readonly record struct FileTraits(
    FileKind Kind,
    bool IsMemory,
    bool IsDirect,
    bool ReadsInLine,
    bool WritesInLine,
    int RequestAlignment,
    int MemoryAlignment
);
