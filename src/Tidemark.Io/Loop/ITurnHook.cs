namespace Tidemark.Io.Loop;

/// <summary>Something that gathers work during a turn of the loop and hands it to the kernel at its end: the ring.</summary>
internal interface ITurnHook
{
    /// <summary>Submits what was gathered and takes what is complete, enqueueing the continuations. Never blocks.</summary>
    void EndTurn();
}
