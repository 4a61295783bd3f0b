using Tidemark.Io.Contract;

namespace Tidemark.Block.Contract;

/// <summary>Where bytes of a node lie in a host's file, just as they are.</summary>
/// <param name="File">The file.</param>
/// <param name="Offset">Where in it they begin, bytes.</param>
public readonly record struct HostPlace(StorageFile File, long Offset);
