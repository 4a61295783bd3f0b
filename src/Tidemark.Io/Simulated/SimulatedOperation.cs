namespace Tidemark.Io.Simulated;

/// <summary>Operations of a simulated machine that a <see cref="FaultPlan"/> can name; a set of them.</summary>
[Flags]
public enum SimulatedOperation
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Opening or creating a file.</summary>
    Open = 1,

    /// <summary>Reading a file.</summary>
    Read = 1 << 1,

    /// <summary>Writing a file.</summary>
    Write = 1 << 2,

    /// <summary>Flushing a file.</summary>
    Flush = 1 << 3,

    /// <summary>Setting a file's size.</summary>
    Truncate = 1 << 4,

    /// <summary>Punching a hole.</summary>
    PunchHole = 1 << 5,

    /// <summary>Writing zeroes by range.</summary>
    WriteZeroes = 1 << 6,

    /// <summary>Discarding a range.</summary>
    Discard = 1 << 7,

    /// <summary>Reserving space.</summary>
    Allocate = 1 << 8,

    /// <summary>Copying between files.</summary>
    Copy = 1 << 9,

    /// <summary>Removing a file.</summary>
    Delete = 1 << 10,

    /// <summary>Connecting a socket.</summary>
    Connect = 1 << 11,

    /// <summary>Sending on a socket; a failure is a disconnect.</summary>
    Send = 1 << 12,

    /// <summary>Receiving from a socket; a failure is a disconnect.</summary>
    Receive = 1 << 13,

    /// <summary>Whatever changes a file's content or size.</summary>
    Changes = Write | Truncate | PunchHole | WriteZeroes | Discard | Allocate | Copy,

    /// <summary>Whatever is done with a file that is open.</summary>
    FileRequests = Read | Flush | Changes,
}
