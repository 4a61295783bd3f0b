using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Units;

namespace Tidemark.Exports.Tests;

/// <summary>
/// A disk in memory that answers late and out of order, by seed; one in eight requests it answers at once. Ranges in its last
/// mebibyte fail. Its data is changed when the answer comes, from the memory that the request still owns by then.
/// </summary>
internal sealed class SlowDriver : BlockDriver
{
    public static readonly DriverDefinition Definition = DriverDefinition.For(
        "slow",
        DriverKind.Protocol,
        static () => SlowOptions.Codec,
        static (context, options) => new(new SlowDriver(context.Node, options))
    );

    private readonly byte[] content;
    private readonly Random random = new(11);
    private readonly SlowOptions options;

    private SlowDriver(BlockNode node, SlowOptions options)
        : base(node) => (this.options, content) = (options, new byte[options.Size]);

    public override long SizeBytes => content.Length;

    public override BlockLimits Limits => new() { RequestAlignment = options.Alignment, MemoryAlignment = options.Alignment };

    public override ValueTask<IoStatus> ReadAsync(ByteRange range, Memory<byte> target, RequestFlags flags) =>
        AnswerAsync(range, () => content.AsSpan((int)range.Offset, (int)range.Length).CopyTo(target.Span));

    public override ValueTask<IoStatus> WriteAsync(ByteRange range, ReadOnlyMemory<byte> data, RequestFlags flags) =>
        AnswerAsync(range, () => data.Span.CopyTo(content.AsSpan((int)range.Offset)));

    public override ValueTask<IoStatus> WriteZeroesAsync(ByteRange range, RequestFlags flags) =>
        AnswerAsync(range, () => content.AsSpan((int)range.Offset, (int)range.Length).Clear());

    private ValueTask<IoStatus> AnswerAsync(ByteRange range, Action act)
    {
        if (random.Next(8) == 0)
        {
            return new(Act());
        }
        return LaterAsync();

        async ValueTask<IoStatus> LaterAsync()
        {
            await Node.Graph.Loop.DelayAsync(TimeSpan.FromMicroseconds(random.Next(1, 3000)), CancellationToken.None);
            return Act();
        }

        IoStatus Act()
        {
            if (range.End > content.Length - (1 << 20))
            {
                return IoStatus.IoError;
            }
            act();
            return IoStatus.Ok;
        }
    }
}
