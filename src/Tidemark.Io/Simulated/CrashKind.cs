namespace Tidemark.Io.Simulated;

/// <summary>How a simulated run dies.</summary>
public enum CrashKind
{
    /// <summary>
    /// The process is killed, the machine lives: what was acknowledged stays; what was under way is done, partly done or not
    /// done.
    /// </summary>
    ProcessKill,

    /// <summary>
    /// The power fails: of all that was written since the last flush any part may be lost, out of order, torn between sectors
    /// of 512 bytes. What was flushed stays.
    /// </summary>
    PowerLoss,
}
