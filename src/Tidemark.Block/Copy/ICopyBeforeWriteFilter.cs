namespace Tidemark.Block.Copy;

/// <summary>
/// The driver of a filter that saves old data before a guest's write goes ahead, as a job sees it: the job's background copy
/// and the filter's own share one <see cref="BlockCopy"/>, so that each cluster is copied once, by whoever is first.
/// </summary>
public interface ICopyBeforeWriteFilter
{
    /// <summary>Name under which such a driver is registered.</summary>
    public const string DriverName = "copy-before-write";

    /// <summary>What is left to copy, and the means to do it.</summary>
    BlockCopy Copy { get; }
}
