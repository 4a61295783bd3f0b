namespace Tidemark.Io.Loop;

/// <summary>Something that gathers work during a turn of the loop and hands it to the kernel at its end: the ring.</summary>
internal interface ITurnHook
{
    /// <summary>Submits what was gathered and takes what is complete, enqueueing the continuations. Never blocks.</summary>
    void EndTurn();

    /// <summary>The loop is about to wait: from now on what completes must wake it. False if something is complete already.</summary>
    bool BeginSleep();

    /// <summary>The loop is awake again and looks for itself.</summary>
    void EndSleep();
}
