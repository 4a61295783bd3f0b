namespace Tidemark.Io.Contract;

/// <summary>How to open a file.</summary>
/// <param name="Writable">For writing too.</param>
/// <param name="Direct">O_DIRECT: past the page cache; requests must then honour the file's alignments.</param>
/// <param name="Create">Create it (mode 0644) or, if it exists, keep it.</param>
/// <param name="Truncate">Cut it to nothing.</param>
/// <param name="DataSync">O_DSYNC: each write is durable on return.</param>
public readonly record struct FileOpenOptions(
    bool Writable,
    bool Direct = false,
    bool Create = false,
    bool Truncate = false,
    bool DataSync = false
);
