using System.Runtime.CompilerServices;
using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Block.Throttling;
using Tidemark.Core.Errors;
using Tidemark.Core.Schema;
using Tidemark.Core.Units;

namespace Tidemark.Drivers.Filters.Throttle;

/// <summary>Driver "throttle": bounds requests and bytes a second, by a group that other nodes may share. See README.md.</summary>
internal sealed class ThrottleDriver : PassThroughDriver
{
    public static readonly DriverDefinition Definition = DriverDefinition.For(
        "throttle",
        DriverKind.Filter,
        static () => ThrottleOptions.Codec,
        OpenAsync
    ) with
    {
        ChangeableOptions = ["throttle-group"],
        ResettableOptions = ["throttle-group"],
        ChildNames = ["file"],
    };

    private ThrottleMember member;

    private ThrottleDriver(BlockNode node, BlockChild file, ThrottleGroup group)
        : base(node, file) => member = group.Join();

    public override ValueTask<IoStatus> ReadAsync(ByteRange range, Memory<byte> target, RequestFlags flags)
    {
        var turn = member.EnterAsync(range.Length, isWrite: false);
        return turn.IsCompletedSuccessfully ? Below.ReadAsync(range, target, flags) : LaterAsync(turn, range, target, flags);

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        async ValueTask<IoStatus> LaterAsync(ValueTask turn, ByteRange range, Memory<byte> target, RequestFlags flags)
        {
            await turn;
            return await Below.ReadAsync(range, target, flags);
        }
    }

    public override ValueTask<IoStatus> WriteAsync(ByteRange range, ReadOnlyMemory<byte> data, RequestFlags flags)
    {
        var turn = member.EnterAsync(range.Length, isWrite: true);
        return turn.IsCompletedSuccessfully ? Below.WriteAsync(range, data, flags) : LaterAsync(turn, range, data, flags);

        [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
        async ValueTask<IoStatus> LaterAsync(ValueTask turn, ByteRange range, ReadOnlyMemory<byte> data, RequestFlags flags)
        {
            await turn;
            return await Below.WriteAsync(range, data, flags);
        }
    }

    public override async ValueTask<IoStatus> WriteZeroesAsync(ByteRange range, RequestFlags flags)
    {
        await member.EnterAsync(range.Length, isWrite: true);
        return await Below.WriteZeroesAsync(range, flags);
    }

    public override async ValueTask<IoStatus> DiscardAsync(ByteRange range)
    {
        await member.EnterAsync(range.Length, isWrite: true);
        return await Below.DiscardAsync(range);
    }

    public override void LiftLimits() => member.Lift();

    public override void RestoreLimits() => member.Restore();

    public override ValueTask<ReopenStep> PrepareReopenAsync(NodeOptions options)
    {
        var parsed = ThrottleOptions.Codec.Parse(options.DriverOptions, SchemaMode.Lenient);
        return new(new Step(this, Node.Graph.ThrottleGroups.Require(parsed.ThrottleGroup)));
    }

    public override ValueTask CloseAsync()
    {
        member.Leave();
        return ValueTask.CompletedTask;
    }

    private static async ValueTask<BlockDriver> OpenAsync(NodeOpenContext context, ThrottleOptions options)
    {
        var file = await context.AttachChildAsync("file", ChildRole.Filtered | ChildRole.Primary);
        return new ThrottleDriver(context.Node, file, context.Graph.ThrottleGroups.Require(options.ThrottleGroup));
    }

    private sealed class Step(ThrottleDriver driver, ThrottleGroup group) : ReopenStep
    {
        public override ValueTask CommitAsync()
        {
            if (!ReferenceEquals(driver.member.Group, group))
            {
                driver.member = driver.member.MoveTo(group);
            }
            return ValueTask.CompletedTask;
        }
    }
}
