namespace Tidemark.Exports;

/// <summary>Every bound of the exports' room, with its reason.</summary>
internal static class Limits
{
    /// <summary>Connections to one server unless its options say otherwise; the reference's default.</summary>
    public const int DefaultConnections = 100;

    /// <summary>Connections that wait to be accepted.</summary>
    public const int ListenBacklog = 128;

    /// <summary>How long a client may take to choose an export: a silent one gives its place back.</summary>
    public static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Receive buffer of a connection, bytes: more than a unix socket brings at a time, and a handshake's longest option.</summary>
    public const int ReceiveBytes = 256 << 10;

    /// <summary>A write of more bytes gets a buffer of its own and is received straight into it.</summary>
    public const int LargeWriteBytes = 96 << 10;

    /// <summary>Buffer in which replies are gathered, bytes.</summary>
    public const int GatherBytes = 512 << 10;

    /// <summary>Gathered replies of this many bytes are sent although more requests are at hand.</summary>
    public const int SendThresholdBytes = 256 << 10;

    /// <summary>A read up to this many bytes is done in the gathering buffer, behind the place of its header; a longer one has its own.</summary>
    public const int SmallReadBytes = 32 << 10;

    /// <summary>A run of data from this many bytes on goes out straight from the page cache where it can.</summary>
    public const int SendFileBytes = 64 << 10;

    /// <summary>Requests of one connection under way at a time; further ones stay in the socket.</summary>
    public const int InFlightRequests = 128;

    /// <summary>Bytes of data of one connection under way at a time. Twice the longest request, so that one waits for nobody else's.</summary>
    public const long InFlightBytes = 2L * Tidemark.Nbd.Limits.MaxPayloadBytes;

    /// <summary>Replies that a client doesn't fetch: with more bytes waiting, nothing more of it is served.</summary>
    public const long UnsentBytes = 8 << 20;

    /// <summary>Batches of requests served in a row before others on the loop have a turn.</summary>
    public const int BatchesPerTurn = 16;

    /// <summary>Piece in which NBD_CMD_CACHE reads, bytes.</summary>
    public const int CachePieceBytes = 1 << 20;

    /// <summary>Longest name of an exported bitmap, bytes; longer ones don't fit into a context's name.</summary>
    public const int BitmapNameBytes = 1023;
}
