namespace Tidemark.Io.Simulated;

/// <summary>How a simulated run ended.</summary>
public enum RunEnd
{
    /// <summary>Its main task ended.</summary>
    Completed,

    /// <summary>It crashed; nothing of it runs any more, and the disk is what was left.</summary>
    Crashed,
}
