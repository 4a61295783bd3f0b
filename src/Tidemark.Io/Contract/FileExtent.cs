namespace Tidemark.Io.Contract;

/// <summary>A run of a file that is all data or all hole, <paramref name="Length"/> bytes from the offset that was asked about.</summary>
public readonly record struct FileExtent(bool IsData, long Length);
