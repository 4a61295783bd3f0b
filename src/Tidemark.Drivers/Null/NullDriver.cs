using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Drivers.Null;

/// <summary>Driver "null-co": takes every write, keeps nothing. See README.md.</summary>
internal sealed class NullDriver(BlockNode node, NullOptions options) : BlockDriver(node)
{
    // The reference's bound of any disk.
    private const long MostBytes = long.MaxValue & ~((1L << 30) - 1);

    public static readonly DriverDefinition Definition = DriverDefinition.For<NullOptions>(
        "null-co",
        DriverKind.Protocol,
        static () => NullOptions.Codec,
        static (context, options) => new(Open(context.Node, options))
    ) with
    {
        FilenamePrefixes = ["null-co://"],
        ParseFilename = static _ => [],
    };

    public override long SizeBytes => Alignment.Up(options.Size, 512);

    public override bool TellsClusterSize => false;

    public override bool SupportsFua => true;

    public override long AllocatedBytes => 0;

    public override string? ExactFilename =>
        Node.Options.DriverOptions.Any(static option => option.Key is not "latency-ns") ? null : "null-co://";

    public override ValueTask<IoStatus> ReadAsync(ByteRange range, Memory<byte> target, RequestFlags flags)
    {
        if (options.ReadZeroes)
        {
            target.Span.Clear();
        }
        return AnswerAsync();
    }

    public override ValueTask<IoStatus> WriteAsync(ByteRange range, ReadOnlyMemory<byte> data, RequestFlags flags) =>
        AnswerAsync();

    public override ValueTask<IoStatus> WriteZeroesAsync(ByteRange range, RequestFlags flags) => AnswerAsync();

    public override ValueTask<IoStatus> DiscardAsync(ByteRange range) => AnswerAsync();

    public override ValueTask<IoStatus> FlushToDiskAsync() => AnswerAsync();

    public override ValueTask<BlockStatus> BlockStatusAsync(ByteRange range, bool wantZero)
    {
        var flags = BlockStatusFlags.OffsetValid | (options.ReadZeroes ? BlockStatusFlags.Zero : BlockStatusFlags.None);
        return new(new BlockStatus(IoStatus.Ok, flags, range.Length, range.Offset, Node));
    }

    private ValueTask<IoStatus> AnswerAsync()
    {
        return options.LatencyNs == 0 ? new(IoStatus.Ok) : LaterAsync();

        async ValueTask<IoStatus> LaterAsync()
        {
            await Node.Graph.Loop.DelayAsync(TimeSpan.FromMicroseconds(options.LatencyNs / 1000.0), CancellationToken.None);
            return IoStatus.Ok;
        }
    }

    private static NullDriver Open(BlockNode node, NullOptions options) =>
        options.Size switch
        {
            _ when options.LatencyNs > long.MaxValue => throw new BlockException(
                BlockErrorKind.InvalidOptions,
                "latency-ns is invalid"
            ),
            < 0 => throw new BlockException(IoStatus.InvalidArgument, "Could not refresh total sector count"),
            > MostBytes => throw new BlockException(IoStatus.FileTooBig, "Could not refresh total sector count"),
            _ => new NullDriver(node, options),
        };
}
