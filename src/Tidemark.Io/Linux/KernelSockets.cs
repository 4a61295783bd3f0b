using System.Net;
using System.Net.Sockets;
using Tidemark.Core.Async;
using Tidemark.Core.Errors;
using Tidemark.Io.Contract;
using Tidemark.Io.Loop;
using SocketAddress = Tidemark.Io.Contract.SocketAddress;

namespace Tidemark.Io.Linux;

/// <summary>Makes, binds and connects stream sockets.</summary>
internal static class KernelSockets
{
    private const int StreamFlags = Libc.SOCK_STREAM | Libc.SOCK_NONBLOCK | Libc.SOCK_CLOEXEC;

    /// <summary>Wraps a connected, non-blocking socket.</summary>
    public static KernelChannel Adopt(KernelEngine engine, int descriptor, SocketAddress? listener)
    {
        // Only TCP knows the option; a unix socket refuses it, which is fine.
        Libc.SetFlag(descriptor, Libc.IPPROTO_TCP, Libc.TCP_NODELAY);
        var peer = SocketName.Peer(descriptor) ?? listener;
        return new KernelChannel(engine, descriptor, peer?.ToString() ?? $"fd:{descriptor}");
    }

    public static KernelListener Listen(KernelEngine engine, SocketAddress.Unix address, int backlog)
    {
        var name = SocketName.Of(address);
        if (!address.IsAbstract && Libc.Facts(address.Path) is { IsSocket: true })
        {
            // Left over by a process that died, as a rule: the reference takes the path over too. It would remove any other
            // file as well, which nobody can want: that is an address in use here.
            _ = Libc.Unlink(address.Path);
        }
        var descriptor = Create(name);
        if (!TryBind(descriptor, name, backlog, out var status))
        {
            throw new BlockException(status, $"Failed to bind socket to {address.Path}") { Path = address.Path };
        }
        return new KernelListener(engine, descriptor, address, address.IsAbstract ? null : address.Path);
    }

    public static KernelListener Listen(KernelEngine engine, SocketAddress.Vsock address, int backlog)
    {
        var name = SocketName.Of(address);
        var descriptor = Create(name);
        return TryBind(descriptor, name, backlog, out var status)
            ? new KernelListener(engine, descriptor, address, null)
            : throw new BlockException(status, "Failed to bind socket") { Path = address.ToString() };
    }

    public static KernelListener Listen(KernelEngine engine, SocketAddress.Inet address, IPAddress[] hosts, int backlog)
    {
        var status = IoStatus.NotFound;
        for (var port = address.Port; port <= address.LastPort; port++)
        {
            foreach (var host in hosts)
            {
                var name = SocketName.Of(host, port);
                if (!TryCreate(name, address, out var descriptor, out status))
                {
                    continue;
                }
                Libc.SetFlag(descriptor, Libc.SOL_SOCKET, Libc.SO_REUSEADDR);
                if (TryBind(descriptor, name, backlog, out status))
                {
                    return new KernelListener(engine, descriptor, SocketName.Local(descriptor) ?? address, null);
                }
            }
            if ((int)status != Libc.EADDRINUSE)
            {
                break;
            }
        }
        var isTaken = (int)status == Libc.EADDRINUSE;
        throw new BlockException(status, isTaken ? "Failed to find an available port" : "Failed to bind socket")
        {
            Path = address.ToString(),
        };
    }

    public static KernelListener Listen(KernelEngine engine, SocketAddress.Descriptor address, int backlog)
    {
        RequireSocket(address);
        if (Libc.Listen(address.Number, backlog) < 0)
        {
            var status = Libc.LastError;
            CloseIfPassed(address);
            throw new BlockException(status, "Failed to listen on fd socket");
        }
        MakeOurs(address.Number);
        return new KernelListener(engine, address.Number, SocketName.Local(address.Number) ?? address, null);
    }

    public static KernelChannel AdoptInherited(KernelEngine engine, SocketAddress.Descriptor address)
    {
        RequireSocket(address);
        MakeOurs(address.Number);
        return Adopt(engine, address.Number, address);
    }

    /// <summary>Connects; the descriptor, or the errno of the failure.</summary>
    public static async ValueTask<(int Descriptor, IoStatus Status)> ConnectAsync(
        KernelEngine engine,
        SocketName name,
        SocketAddress.Inet? inet,
        CancellationToken cancel
    )
    {
        if (!TryCreate(name, inet, out var descriptor, out var failure))
        {
            return (-1, failure);
        }
        var status = StartConnect(descriptor, name);
        if ((int)status is Libc.EINPROGRESS or Libc.EINTR)
        {
            using var attempt = new Attempt(engine.EventLoop, descriptor);
            using (cancel.UnsafeRegister(static state => ((Attempt)state!).Cancel(), attempt))
            {
                status = await attempt.Task;
            }
        }
        // A unix listener whose queue is full answers EAGAIN and tells nobody when there is room.
        for (var wait = 1; (int)status == Libc.EAGAIN && !cancel.IsCancellationRequested; wait = Math.Min(wait * 2, 100))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(wait), engine.Time, CancellationToken.None);
            status = StartConnect(descriptor, name);
        }
        if (status != IoStatus.Ok || cancel.IsCancellationRequested)
        {
            _ = Libc.Close(descriptor);
            cancel.ThrowIfCancellationRequested();
            return (-1, status);
        }
        return (descriptor, IoStatus.Ok);
    }

    private static void RequireSocket(SocketAddress.Descriptor address)
    {
        if (Libc.Facts(address.Number) is not { IsSocket: true })
        {
            CloseIfPassed(address);
            throw new BlockException(
                BlockErrorKind.InvalidOptions,
                $"File descriptor '{address.Name ?? $"{address.Number}"}' is not a socket"
            );
        }
    }

    // One that a client passed is nobody else's.
    private static void CloseIfPassed(SocketAddress.Descriptor address)
    {
        if (address.Name is not null)
        {
            _ = Libc.Close(address.Number);
        }
    }

    private static unsafe IoStatus StartConnect(int descriptor, SocketName name)
    {
        fixed (byte* bytes = name.Bytes)
        {
            return Libc.Connect(descriptor, bytes, name.Length) == 0 ? IoStatus.Ok : Libc.LastError;
        }
    }

    private static int Create(SocketName name) =>
        TryCreate(name, null, out var descriptor, out var status)
            ? descriptor
            : throw new BlockException(status, "Failed to create a socket");

    private static bool TryCreate(SocketName name, SocketAddress.Inet? inet, out int descriptor, out IoStatus status)
    {
        descriptor = Libc.Socket(name.Family, StreamFlags, inet is { IsMultipath: true } ? Libc.IPPROTO_MPTCP : 0);
        status = descriptor < 0 ? Libc.LastError : IoStatus.Ok;
        if (descriptor >= 0 && inet is { KeepsAlive: true })
        {
            // Connections take it over from the listener that they came by.
            Libc.SetFlag(descriptor, Libc.SOL_SOCKET, Libc.SO_KEEPALIVE);
        }
        if (descriptor >= 0 && inet is { Family: InetFamily.V6 })
        {
            Libc.SetFlag(descriptor, Libc.IPPROTO_IPV6, Libc.IPV6_V6ONLY);
        }
        return descriptor >= 0;
    }

    private static unsafe bool TryBind(int descriptor, SocketName name, int backlog, out IoStatus status)
    {
        fixed (byte* bytes = name.Bytes)
        {
            if (Libc.Bind(descriptor, bytes, name.Length) == 0 && Libc.Listen(descriptor, backlog) == 0)
            {
                status = IoStatus.Ok;
                return true;
            }
        }
        status = Libc.LastError;
        _ = Libc.Close(descriptor);
        return false;
    }

    /// <summary>An inherited descriptor becomes non-blocking and is not passed on further.</summary>
    public static void MakeOurs(int descriptor)
    {
        const int SetDescriptorFlags = 2;
        const int CloseOnExec = 1;
        _ = Libc.Fcntl(descriptor, SetDescriptorFlags, CloseOnExec);
        _ = Libc.Fcntl(descriptor, Libc.F_SETFL, Libc.Fcntl(descriptor, Libc.F_GETFL, 0) | Libc.O_NONBLOCK);
    }

    /// <summary>A connect under way: ends by the socket's becoming writable, or by cancellation.</summary>
    private sealed class Attempt : PollSource, IDisposable
    {
        private readonly EventLoop loop;
        private readonly int descriptor;
        private readonly Completion<IoStatus> done = new();

        public Attempt(EventLoop loop, int descriptor)
        {
            this.loop = loop;
            this.descriptor = descriptor;
            loop.Poller.Add(descriptor, Libc.EPOLLOUT | Libc.EPOLLET, this);
        }

        public ValueTask<IoStatus> Task => done.Task;

        public override unsafe void OnReady(uint events)
        {
            var error = 0;
            var length = sizeof(int);
            _ = Libc.GetSocketOption(descriptor, Libc.SOL_SOCKET, Libc.SO_ERROR, &error, &length);
            _ = done.TrySet((IoStatus)error);
        }

        /// <summary>From any thread.</summary>
        public void Cancel() => loop.Post(static state => _ = ((Attempt)state!).done.TrySet(IoStatus.Cancelled), this);

        public void Dispose() => loop.Poller.Remove(descriptor, this);
    }
}
