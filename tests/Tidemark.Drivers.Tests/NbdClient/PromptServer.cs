using System.Buffers;
using Tidemark.Core.Async;
using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Io.Contract;
using Tidemark.Nbd;
using Tidemark.Nbd.Handshake;
using Tidemark.Nbd.MetaContext;
using Tidemark.Nbd.Transmission;

namespace Tidemark.Drivers.Tests.NbdClient;

/// <summary>
/// The engine of a machine on which each connection leads to a server that has answered before the send returns, so that connecting and
/// requests end without one turn of the loop: what a real server does on a busy machine now and then. It has a null export of 1 MiB.
/// </summary>
internal sealed class PromptServer(IoEngine engine) : IoEngine
{
    private Connection? latest;

    public override string Name => "prompt";

    public override LoopContext Loop => engine.Loop;

    public override Random Random => engine.Random;

    /// <summary>Connections so far.</summary>
    public int Connections { get; private set; }

    /// <summary>Ends the latest connection, as a killed server does; the next one is taken at once.</summary>
    public void Drop() => latest!.End(); // the test has connected

    public override ValueTask<ByteChannel> ConnectAsync(SocketAddress address, CancellationToken cancel)
    {
        Connections++;
        latest = new Connection();
        return new(latest);
    }

    public override ValueTask<StorageFile> OpenFileAsync(string path, FileOpenOptions options) =>
        engine.OpenFileAsync(path, options);

    public override ValueTask DeleteFileAsync(string path) => engine.DeleteFileAsync(path);

    public override ValueTask<ChannelListener> ListenAsync(SocketAddress address, int backlog) =>
        engine.ListenAsync(address, backlog);

    public override ByteChannel OpenStdio() => engine.OpenStdio();

    public override ValueTask<T> OffloadAsync<TState, T>(Func<TState, T> work, TState state) => engine.OffloadAsync(work, state);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Connection : ByteChannel
    {
        private readonly ArrayBufferWriter<byte> output = new();
        private readonly List<byte> input = [];
        private readonly LoopSignal arrived = new();
        private readonly ServerNegotiation negotiation;
        private NegotiationState state;
        private int taken;
        private bool isEnded;

        public Connection()
        {
            negotiation = new ServerNegotiation(new Directory(), output);
            Answer();
        }

        public override string Peer => "";

        public void End()
        {
            isEnded = true;
            arrived.Wake();
        }

        public override async ValueTask<ChannelRead> ReceiveAsync(Memory<byte> target)
        {
            while (taken == output.WrittenCount && !isEnded)
            {
                await arrived.WaitAsync();
            }
            var count = isEnded ? 0 : Math.Min(target.Length, output.WrittenCount - taken);
            output.WrittenMemory.Slice(taken, count).CopyTo(target);
            taken += count;
            return new ChannelRead(IoStatus.Ok, count);
        }

        public override ValueTask<IoStatus> SendAsync(ReadOnlyMemory<byte> data)
        {
            if (isEnded)
            {
                return new(IoStatus.BrokenPipe);
            }
            input.AddRange(data.Span);
            Answer();
            arrived.Wake();
            return new(IoStatus.Ok);
        }

        public override void Abort() => End();

        public override ValueTask DisposeAsync()
        {
            End();
            return ValueTask.CompletedTask;
        }

        private void Answer()
        {
            if (state == NegotiationState.Haggling)
            {
                state = negotiation.Advance(input.ToArray(), out var consumed);
                input.RemoveRange(0, consumed);
            }
            while (state == NegotiationState.Transmission && Take() is { } request)
            {
                var writer = new ReplyWriter(negotiation.Style);
                output.Advance(writer.WriteDone(output.GetSpan(ReplyWriter.MaxFixedSize), request));
            }
        }

        private RequestHeader? Take()
        {
            var size = RequestHeader.SizeOf(negotiation.Style);
            if (
                input.Count < size
                || !RequestHeader.TryParse(input.ToArray(), negotiation.Style, out var request)
                || input.Count < size + (int)request.PayloadBytes(negotiation.Style)
            )
            {
                return null;
            }
            input.RemoveRange(0, size + (int)request.PayloadBytes(negotiation.Style));
            return request;
        }
    }

    private sealed class Directory : ExportDirectory
    {
        public override IReadOnlyCollection<OfferedExport> List { get; } = [new Export()];

        public override OfferedExport Find(string name) => List.First();
    }

    private sealed class Export : OfferedExport
    {
        public override string Name => "";

        public override string? Description => null;

        public override IReadOnlyList<OfferedContext> Contexts { get; } = [new(0, ContextNames.BaseAllocation)];

        public override ExportInfo Describe() => new(1 << 20, TransmissionFlags.HasFlags | TransmissionFlags.Flush);
    }
}
