using Tidemark.Core.Channels;
using Tidemark.Core.Errors;

namespace Tidemark.Io.Linux;

/// <summary>
/// A command of the shell whose standard input and output are the other end of the channel. Closing it lets the command see the
/// end of its input, and waits for it to end; one that does not is told to, at last by force.
/// </summary>
internal sealed class CommandChannel : ByteChannel
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    private readonly KernelEngine engine;
    private readonly KernelChannel stream;
    private readonly int process;
    private bool isClosed;

    private CommandChannel(KernelEngine engine, KernelChannel stream, int process, string command)
    {
        (this.engine, this.stream, this.process) = (engine, stream, process);
        Peer = $"exec:{command}";
    }

    /// <inheritdoc/>
    public override string Peer { get; }

    /// <summary>Starts it. Throws <see cref="BlockException"/> when there is no process to be had.</summary>
    public static unsafe CommandChannel Start(KernelEngine engine, string command)
    {
        var pair = stackalloc int[2];
        const int Kind = Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC;
        _ = Libc.Check(Libc.SocketPair(Libc.AF_UNIX, Kind, 0, pair), "Failed to create a pair of sockets");
        var started = Libc.SpawnShell(command, pair[1]);
        _ = Libc.Close(pair[1]);
        if (started < 0)
        {
            _ = Libc.Close(pair[0]);
            throw new BlockException((IoStatus)(-started), "Failed to run '/bin/sh'");
        }
        return new CommandChannel(engine, KernelSockets.AdoptInherited(engine, new(pair[0])), started, command);
    }

    /// <inheritdoc/>
    public override ValueTask<ChannelRead> ReceiveAsync(Memory<byte> target) => stream.ReceiveAsync(target);

    /// <inheritdoc/>
    public override ValueTask<IoStatus> SendAsync(ReadOnlyMemory<byte> data) => stream.SendAsync(data);

    /// <inheritdoc/>
    public override void Abort() => stream.Abort();

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (isClosed)
        {
            return;
        }
        isClosed = true;
        await stream.DisposeAsync();
        if (!await HasEndedWithinAsync(TimeSpan.FromSeconds(10)))
        {
            _ = Libc.Kill(process, Libc.SIGTERM);
            if (!await HasEndedWithinAsync(TimeSpan.FromSeconds(1)))
            {
                _ = Libc.Kill(process, Libc.SIGKILL);
                _ = await HasEndedWithinAsync(TimeSpan.FromSeconds(1));
            }
        }
    }

    private async ValueTask<bool> HasEndedWithinAsync(TimeSpan limit)
    {
        for (var waited = TimeSpan.Zero; !Libc.HasEnded(process); waited += Pause)
        {
            if (waited >= limit)
            {
                return false;
            }
            await engine.Loop.DelayAsync(Pause, CancellationToken.None);
        }
        return true;
    }
}
