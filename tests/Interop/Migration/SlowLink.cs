using System.Net.Sockets;

namespace Tidemark.Interop.Tests.Migration;

/// <summary>
/// A link of a few bytes at a time, between unix sockets: whoever reads from it gets no part of a stream in one piece, and waits in
/// the midst of each. It takes one connection, and ends with it.
/// </summary>
internal sealed class SlowLink : IDisposable
{
    private const int PieceBytes = 7;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Socket near;
    private readonly Socket far = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Thread there;
    private readonly Thread back;

    private SlowLink(string path, string target, Action connect)
    {
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(1);
        connect();
        near = listener.Accept();
        far.Connect(new UnixDomainSocketEndPoint(target));
        there = Start(near, far, PieceBytes, Pause);
        back = Start(far, near, ushort.MaxValue, TimeSpan.Zero);
    }

    /// <summary>Leads to <paramref name="target"/> whoever connects to <paramref name="path"/>, as <paramref name="connect"/> must do.</summary>
    public static SlowLink Lay(string path, string target, Action connect) => new(path, target, connect);

    /// <inheritdoc/>
    public void Dispose()
    {
        Hang(near);
        Hang(far);
        there.Join();
        back.Join();
        near.Dispose();
        far.Dispose();
        listener.Dispose();
    }

    private static Thread Start(Socket from, Socket to, int pieceBytes, TimeSpan pause)
    {
        var thread = new Thread(() => Carry(from, to, pieceBytes, pause));
        thread.Start();
        return thread;
    }

    private static void Carry(Socket from, Socket to, int pieceBytes, TimeSpan pause)
    {
        var piece = new byte[pieceBytes];
        try
        {
            while (from.Receive(piece) is > 0 and var length)
            {
                _ = to.Send(piece.AsSpan(0, length));
                Thread.Sleep(pause);
            }
            to.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // One of the two has gone; the other gets to know.
            Hang(to);
        }
    }

    private static void Hang(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // Gone already.
        }
    }
}
