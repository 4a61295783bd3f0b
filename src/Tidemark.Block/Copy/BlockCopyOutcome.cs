namespace Tidemark.Block.Copy;

/// <summary>Why a background run came back.</summary>
public enum BlockCopyOutcome
{
    /// <summary>Nothing is left to copy.</summary>
    Done,

    /// <summary>It was asked to stop (<see cref="BlockCopyRun.Interrupt"/>); another run goes on where this one stopped.</summary>
    Interrupted,

    /// <summary>A piece failed; it counts as not copied, and another run tries it again.</summary>
    Failed,

    /// <summary>A guest's write went ahead although its old data could not be saved: the point in time is lost.</summary>
    Broken,
}
