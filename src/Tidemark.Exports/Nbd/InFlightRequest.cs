using System.Runtime.CompilerServices;
using Tidemark.Core.Errors;
using Tidemark.Nbd.Transmission;

namespace Tidemark.Exports.Nbd;

/// <summary>A request whose verb didn't complete in line: what must be kept until it does, and what is to be said then. Used again and again by its connection.</summary>
internal sealed class InFlightRequest
{
    private readonly NbdConnection connection;
    private readonly Action onDone;
    private ValueTaskAwaiter<IoStatus> awaiter;

    public InFlightRequest(NbdConnection connection)
    {
        this.connection = connection;
        onDone = OnDone;
    }

    /// <summary>What was asked for.</summary>
    public RequestHeader Header { get; private set; }

    /// <summary>The buffer with a write's data, or with the place of a read's reply; null if there is none. One stake in it is ours.</summary>
    public SharedBuffer? Buffer { get; private set; }

    /// <summary>Where a read's reply, header first, lies in <see cref="Buffer"/>.</summary>
    public int ReplyOffset { get; private set; }

    /// <summary>Bytes that count against the connection's bound.</summary>
    public int Weight { get; private set; }

    /// <summary>When it began, on its node's accounting's clock.</summary>
    public long Begun { get; private set; }

    /// <summary>Goes on when <paramref name="task"/> is done.</summary>
    public void Start(
        in RequestHeader header,
        ValueTask<IoStatus> task,
        SharedBuffer? buffer,
        int replyOffset,
        int weight,
        long begun
    )
    {
        (Header, Buffer, ReplyOffset, Weight, Begun) = (header, buffer, replyOffset, weight, begun);
        awaiter = task.GetAwaiter();
        awaiter.UnsafeOnCompleted(onDone);
    }

    private void OnDone()
    {
        var status = awaiter.GetResult();
        awaiter = default;
        connection.Complete(this, status);
        Buffer = null;
    }
}
