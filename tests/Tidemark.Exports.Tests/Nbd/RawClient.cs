using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Tidemark.Nbd;
using Tidemark.Nbd.Transmission;

namespace Tidemark.Exports.Tests.Nbd;

/// <summary>A client that says exactly what the test wants, right or wrong, over a blocking socket.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public RawClient(ServedGraph served)
    {
        socket.ReceiveTimeout = 20_000;
        socket.SendTimeout = 20_000;
        socket.Connect(new UnixDomainSocketEndPoint(served.Socket));
    }

    public ReplyStyle Style { get; private set; }

    public RawClient Enter(string export, ReplyStyle style, params string[] contexts)
    {
        _ = Receive(18);
        Send(Big32(3));
        Style = style;
        if (style != ReplyStyle.Simple)
        {
            Option(style == ReplyStyle.Structured ? 8u : 11u);
        }
        if (contexts.Length > 0)
        {
            Option(10, [.. Counted(export), .. Big32((uint)contexts.Length), .. contexts.SelectMany(Counted)]);
        }
        Option(7, [.. Counted(export), 0, 0]);
        return this;
    }

    public void Option(uint option, params byte[] data)
    {
        Send([.. "IHAVEOPT"u8, .. Big32(option), .. Big32((uint)data.Length), .. data]);
        while (true)
        {
            var head = Receive(20);
            var type = BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(12));
            _ = Receive((int)BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(16)));
            if (type is 1 or >= 1u << 31)
            {
                Assert.Equal(1u, type);
                return;
            }
        }
    }

    public void Request(
        CommandType type,
        ulong offset,
        ulong length,
        CommandFlags flags = 0,
        ulong cookie = 1,
        byte[]? data = null
    )
    {
        var header = new byte[RequestHeader.SizeOf(Style)];
        _ = new RequestHeader(flags, type, cookie, offset, length).Write(header, Style);
        Send([.. header, .. data ?? []]);
    }

    /// <summary>The next reply's or chunk's error (0 for success), with its data or message.</summary>
    public (uint Error, byte[] Data) Reply(int dataLength = 0)
    {
        if (Style == ReplyStyle.Simple)
        {
            var reply = Receive(16);
            var error = BinaryPrimitives.ReadUInt32BigEndian(reply.AsSpan(4));
            return (error, error == 0 ? Receive(dataLength) : []);
        }
        var first = Receive(16);
        if (BinaryPrimitives.ReadUInt32BigEndian(first) == 0x67446698)
        {
            return (BinaryPrimitives.ReadUInt32BigEndian(first.AsSpan(4)), []);
        }
        var rest = Receive(Style == ReplyStyle.Structured ? 4 : 16);
        var length = BinaryPrimitives.ReadUInt32BigEndian(rest.AsSpan(rest.Length - 4));
        var payload = Receive((int)length);
        var type = BinaryPrimitives.ReadUInt16BigEndian(first.AsSpan(6));
        return type >= 1 << 15
            ? (BinaryPrimitives.ReadUInt32BigEndian(payload), payload[6..])
            : (0, type == 1 ? payload[8..] : payload);
    }

    /// <summary>The chunks of one read that began at <paramref name="offset"/>, data and holes, put together.</summary>
    public void Gather(byte[] target, int offset)
    {
        while (true)
        {
            var first = Receive(16);
            var rest = Receive(Style == ReplyStyle.Structured ? 4 : 16);
            var payload = Receive((int)BinaryPrimitives.ReadUInt32BigEndian(rest.AsSpan(rest.Length - 4)));
            var type = BinaryPrimitives.ReadUInt16BigEndian(first.AsSpan(6));
            if (type == 1) // NBD_REPLY_TYPE_OFFSET_DATA
            {
                payload[8..].CopyTo(target, (int)BinaryPrimitives.ReadUInt64BigEndian(payload) - offset);
            }
            else
            {
                Assert.True(type is 0 or 2, $"chunk of type {type}"); // NONE, OFFSET_HOLE
            }
            if ((first[5] & 1) != 0)
            {
                return;
            }
        }
    }

    public void Send(byte[] bytes) => Assert.Equal(bytes.Length, socket.Send(bytes));

    /// <summary>Sends all of <paramref name="requests"/> and receives until <paramref name="replies"/> is full; allocates nothing.</summary>
    public void Exchange(byte[] requests, byte[] replies)
    {
        _ = socket.Send(requests);
        for (var at = 0; at < replies.Length; )
        {
            at += socket.Receive(replies, at, replies.Length - at, SocketFlags.None);
        }
    }

    public bool TrySend(byte[] bytes)
    {
        try
        {
            _ = socket.Send(bytes);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public byte[] Receive(int count)
    {
        var bytes = new byte[count];
        for (var at = 0; at < count; )
        {
            var got = socket.Receive(bytes, at, count - at, SocketFlags.None);
            Assert.True(got > 0, $"the server closed the connection after {at} of {count} bytes");
            at += got;
        }
        return bytes;
    }

    /// <summary>Whether the server closes the connection, whatever it sends before.</summary>
    public bool IsClosedByServer()
    {
        var bytes = new byte[65536];
        try
        {
            while (true)
            {
                if (socket.Receive(bytes) == 0)
                {
                    return true;
                }
            }
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.ConnectionReset;
        }
    }

    /// <summary>Whether anything arrives within the time.</summary>
    public bool HasData(int milliseconds) => socket.Poll(milliseconds * 1000, SelectMode.SelectRead);

    public void Dispose() => socket.Dispose();

    private static byte[] Counted(string text) => [.. Big32((uint)text.Length), .. Encoding.UTF8.GetBytes(text)];

    private static byte[] Big32(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}
