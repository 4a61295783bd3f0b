using System.Net.Sockets;

namespace Tidemark.Interop.Tests.Migration;

/// <summary>
/// A link between unix sockets that keeps what goes over it, and may be slow: then whoever reads from it gets no part of a stream in one
/// piece, and waits in the midst of each. It takes one connection, and ends with it.
/// </summary>
internal sealed class Link : IDisposable
{
    private const int SlowPieceBytes = 7;
    private static readonly TimeSpan SlowPause = TimeSpan.FromMilliseconds(1);

    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Socket near;
    private readonly Socket far = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly MemoryStream sent = new();
    private readonly MemoryStream answered = new();
    private readonly Thread there;
    private readonly Thread back;

    private Link(string path, string target, bool isSlow, Action connect)
    {
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(1);
        connect();
        near = listener.Accept();
        far.Connect(new UnixDomainSocketEndPoint(target));
        there = isSlow
            ? Start(near, far, sent, SlowPieceBytes, SlowPause)
            : Start(near, far, sent, ushort.MaxValue, TimeSpan.Zero);
        back = Start(far, near, answered, ushort.MaxValue, TimeSpan.Zero);
    }

    /// <summary>Leads to <paramref name="target"/> whoever connects to <paramref name="path"/>, as <paramref name="connect"/> must do.</summary>
    public static Link Lay(string path, string target, bool isSlow, Action connect) => new(path, target, isSlow, connect);

    /// <summary>Waits until both sides have hung up; all that went there, and all that came back.</summary>
    public (byte[] There, byte[] Back) WaitForEnd()
    {
        there.Join();
        back.Join();
        return (sent.ToArray(), answered.ToArray());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Hang(near);
        Hang(far);
        _ = WaitForEnd();
        near.Dispose();
        far.Dispose();
        listener.Dispose();
        sent.Dispose();
        answered.Dispose();
    }

    private static Thread Start(Socket from, Socket to, MemoryStream log, int pieceBytes, TimeSpan pause)
    {
        var thread = new Thread(() => Carry(from, to, log, pieceBytes, pause));
        thread.Start();
        return thread;
    }

    private static void Carry(Socket from, Socket to, MemoryStream log, int pieceBytes, TimeSpan pause)
    {
        var piece = new byte[pieceBytes];
        try
        {
            while (from.Receive(piece) is > 0 and var length)
            {
                log.Write(piece, 0, length);
                _ = to.Send(piece.AsSpan(0, length));
                if (pause > TimeSpan.Zero)
                {
                    Thread.Sleep(pause);
                }
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
