namespace Tidemark.Qmp;

/// <summary>Bounds on what one peer can make this process hold.</summary>
internal static class Limits
{
    /// <summary>Requests read ahead while one runs, once out-of-band execution is on (reference: its request queue).</summary>
    public const int QueuedRequests = 8;

    /// <summary>
    /// Bytes of output not yet taken by the client above which no further request of it is begun; events still come in.
    /// </summary>
    public const int OutputBytesBeforeWaiting = 64 * 1024;

    /// <summary>Bytes of output not yet taken by the client at which the connection is given up: it does not read its events.</summary>
    public const int OutputBytesAtMost = 16 * 1024 * 1024;

    /// <summary>How long a client that has hung up or is told to go may take to read what is left for it.</summary>
    public static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(5);

    /// <summary>Bytes taken from the client at a time.</summary>
    public const int ReceiveBytes = 16 * 1024;

    /// <summary>Events that a client of ours keeps for whoever asks later.</summary>
    public const int ClientEvents = 4096;
}
