using System.Buffers;
using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Io.Contract;
using Tidemark.Nbd.Client;
using Tidemark.Nbd.Handshake;
using Tidemark.Nbd.MetaContext;
using Tidemark.Nbd.Transmission;

namespace Tidemark.Cli.Demo.Mount;

/// <summary>
/// The disk as the kernel gets to see it through a mount: an NBD server for one client that hands each request on to the
/// daemon, one after the other, and tells every write to the <see cref="TruthLog"/>. So the truth is known without asking the
/// daemon or the file system.
/// <code>
///   kernel ── loop ── FUSE (nbdfuse) ── NBD ──► tap ── NBD ──► daemon
///                                                └──► truth log
/// </code>
/// </summary>
internal sealed class TappedDisk(IoEngine engine, WriteGate gate, TruthLog truth, string export) : IAsyncDisposable
{
    private const int InputBytes = (4 << 20) + RequestHeader.ExtendedSize;
    private const int LongestRequest = 4 << 20;

    private readonly byte[] input = new byte[InputBytes];
    private readonly byte[] reply = new byte[LongestRequest + 64];
    private ChannelListener? listener;
    private ByteChannel? channel;
    private NbdClient? daemon;
    private Task serving = Task.CompletedTask;
    private int filled;

    /// <summary>Waits at <paramref name="socketPath"/> for its client.</summary>
    public async ValueTask ListenAsync(string socketPath)
    {
        File.Delete(socketPath);
        listener = await engine.ListenAsync(new SocketAddress.Unix(socketPath), backlog: 1);
        serving = ServeAsync(listener);
    }

    /// <summary>Connects to the daemon; again after it was restarted.</summary>
    public async ValueTask ConnectAsync(string daemonSocketPath) =>
        daemon = await GuestLoad.ConnectAsync(engine, daemonSocketPath, export);

    /// <summary>Hangs up before the daemon ends. The gate must be closed: requests wait there.</summary>
    public async ValueTask DisconnectAsync()
    {
        if (daemon is not null)
        {
            await daemon.DisposeAsync();
            daemon = null;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        channel?.Abort();
        if (listener is not null)
        {
            await listener.DisposeAsync();
        }

        await serving;
        await DisconnectAsync();
    }

    private async Task ServeAsync(ChannelListener from)
    {
        channel = await from.AcceptAsync();
        if (channel is null)
        {
            return;
        }

        var negotiation = await NegotiateAsync(channel);
        while (negotiation is not null && await FillAsync(RequestHeader.SizeOf(negotiation.Style)))
        {
            var style = negotiation.Style;
            var size = RequestHeader.SizeOf(style);
            if (!RequestHeader.TryParse(input, style, out var request) || IsRefused(request))
            {
                break;
            }

            var payload = (int)request.PayloadBytes(style);
            if (!await FillAsync(size + payload))
            {
                break;
            }

            var length = await AnswerAsync(request, input.AsMemory(size, payload), new ReplyWriter(style));
            Consume(size + payload);
            if (await channel.SendAsync(reply.AsMemory(0, length)) != IoStatus.Ok)
            {
                break;
            }
        }

        await channel.DisposeAsync();
    }

    private static bool IsRefused(RequestHeader request) =>
        request.Type == CommandType.Disconnect
        || request.Length > (request.Type is CommandType.Read or CommandType.Write ? (ulong)LongestRequest : int.MaxValue);

    private async ValueTask<ServerNegotiation?> NegotiateAsync(ByteChannel peer)
    {
        var output = new ArrayBufferWriter<byte>();
        var negotiation = new ServerNegotiation(new OneDisk(this), output);
        while (true)
        {
            if (output.WrittenCount > 0 && await peer.SendAsync(output.WrittenMemory) != IoStatus.Ok)
            {
                return null;
            }

            output.ResetWrittenCount();
            var state = negotiation.Advance(input.AsSpan(0, filled), out var consumed);
            Consume(consumed);
            if (state != NegotiationState.Haggling)
            {
                _ = output.WrittenCount > 0 ? await peer.SendAsync(output.WrittenMemory) : IoStatus.Ok;
                return state == NegotiationState.Transmission ? negotiation : null;
            }

            if (consumed == 0 && !await FillAsync(filled + 1))
            {
                return null;
            }
        }
    }

    /// <summary>Hands a request on and writes the reply. Returns its length.</summary>
    private async ValueTask<int> AnswerAsync(RequestHeader request, ReadOnlyMemory<byte> data, ReplyWriter replies)
    {
        await gate.EnterAsync();
        try
        {
            var target = reply.AsMemory(replies.DataHeaderSize, request.Type == CommandType.Read ? (int)request.Length : 0);
            var status = daemon is null ? IoStatus.IoError : await HandOnAsync(daemon, request, data, target);
            if (status != IoStatus.Ok)
            {
                return replies.WriteError(reply, request, status.ToNbdError(), "the daemon refused it");
            }

            return request.Type == CommandType.Read
                ? replies.WriteDataHeader(reply, request, (long)request.Offset, target.Length, last: true) + target.Length
                : replies.WriteDone(reply, request);
        }
        finally
        {
            gate.Leave();
        }
    }

    private async ValueTask<IoStatus> HandOnAsync(
        NbdClient client,
        RequestHeader request,
        ReadOnlyMemory<byte> data,
        Memory<byte> target
    )
    {
        var (offset, length) = ((long)request.Offset, (int)request.Length);
        switch (request.Type)
        {
            case CommandType.Read:
                return await client.ReadAsync(offset, target);
            case CommandType.Flush:
                return await client.FlushAsync();
            case CommandType.Write:
                truth.Write(offset, data.Span);
                return await RepeatAsync(() => client.WriteAsync(offset, data, request.Flags.HasFlag(CommandFlags.Fua)));
            case CommandType.WriteZeroes:
                truth.Zero(offset, length);
                return await RepeatAsync(() =>
                    client.WriteZeroesAsync(offset, length, request.Flags & (CommandFlags.Fua | CommandFlags.NoHole))
                );
            default:
                return IoStatus.InvalidArgument;
        }
    }

    // As the guest's other writers do: a write that is refused while a backup is out of space is done again.
    private async ValueTask<IoStatus> RepeatAsync(Func<ValueTask<IoStatus>> write)
    {
        var status = await write();
        for (var attempt = 0; status == IoStatus.NoSpace && attempt < GuestLoad.MostRepeats; attempt++)
        {
            await engine.Loop.DelayAsync(GuestLoad.Pause, CancellationToken.None);
            status = await write();
        }

        return status;
    }

    private async ValueTask<bool> FillAsync(int bytes)
    {
        while (filled < bytes)
        {
            var read = await channel!.ReceiveAsync(input.AsMemory(filled)); // called only once there is a client
            if (read.IsEnd)
            {
                return false;
            }

            filled += read.Count;
        }

        return true;
    }

    private void Consume(int bytes)
    {
        input.AsSpan(bytes, filled - bytes).CopyTo(input);
        filled -= bytes;
    }

    /// <summary>A directory of this one disk, whatever name the client asks for. No trim: what it leaves behind nobody knows.</summary>
    private sealed class OneDisk(TappedDisk disk) : ExportDirectory
    {
        public override IReadOnlyCollection<OfferedExport> List => [new Offer(disk)];

        public override OfferedExport Find(string name) => new Offer(disk);

        private sealed class Offer(TappedDisk disk) : OfferedExport
        {
            public override string Name => "";

            public override string? Description => null;

            public override IReadOnlyList<OfferedContext> Contexts => [];

            public override ExportInfo Describe() =>
                new(
                    disk.daemon?.Export.SizeBytes ?? 0,
                    TransmissionFlags.HasFlags | TransmissionFlags.Flush | TransmissionFlags.Fua | TransmissionFlags.WriteZeroes,
                    MaximumPayload: LongestRequest
                );
        }
    }
}
