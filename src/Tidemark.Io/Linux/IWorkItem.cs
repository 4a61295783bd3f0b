namespace Tidemark.Io.Linux;

/// <summary>A piece of blocking or heavy work: executed on a worker's thread, finished on the loop's.</summary>
internal interface IWorkItem
{
    /// <summary>Does it; on a worker's thread. Must not throw.</summary>
    void Execute();

    /// <summary>Hands the outcome on; on the loop's thread.</summary>
    void Finish();
}
