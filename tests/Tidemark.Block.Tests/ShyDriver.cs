using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Schema;
using Tidemark.Core.Units;

namespace Tidemark.Block.Tests;

/// <summary>A disk in memory that takes only what its limits allow, and says so by failing the test.</summary>
internal sealed class ShyDriver(BlockNode node, ShyDisk disk) : BlockDriver(node)
{
    public override long SizeBytes => disk.Bytes.Length;

    public override BlockLimits Limits => disk.Limits;

    public static DriverDefinition Define(Dictionary<string, ShyDisk> disks) =>
        DriverDefinition.For(
            "shy",
            DriverKind.Protocol,
            static () => ShyOptions.Codec,
            (context, options) => new ValueTask<BlockDriver>(new ShyDriver(context.Node, disks[options.Disk]))
        );

    public override async ValueTask<IoStatus> ReadAsync(ByteRange range, Memory<byte> target, RequestFlags flags)
    {
        Check(range);
        var status = await disk.BeginAsync("read", range);
        disk.Memory(range).CopyTo(target);
        return status;
    }

    public override async ValueTask<IoStatus> WriteAsync(ByteRange range, ReadOnlyMemory<byte> data, RequestFlags flags)
    {
        Check(range);
        Assert.False(flags.HasFlag(RequestFlags.Fua), "the driver said that it has no FUA");
        var status = await disk.BeginAsync("write", range);
        if (status == IoStatus.Ok)
        {
            data.CopyTo(disk.Memory(range));
        }
        return status;
    }

    public override async ValueTask<IoStatus> WriteZeroesAsync(ByteRange range, RequestFlags flags)
    {
        Check(range);
        var status = await disk.BeginAsync("zero", range);
        if (status == IoStatus.Ok)
        {
            disk.Memory(range).Span.Clear();
        }
        return status;
    }

    public override ValueTask<IoStatus> DiscardAsync(ByteRange range) => disk.BeginAsync("discard", range);

    public override ValueTask<IoStatus> FlushToDiskAsync() => disk.BeginAsync("flush", new ByteRange(0, 1));

    private void Check(ByteRange range)
    {
        Assert.True(Alignment.Is(range.Offset | range.Length, disk.Limits.RequestAlignment), $"{range} is not aligned");
        Assert.True(disk.Limits.MaxTransfer == 0 || range.Length <= disk.Limits.MaxTransfer, $"{range} is too long");
        Assert.True(range.End <= SizeBytes, $"{range} is outside");
    }
}

[Schema]
internal sealed partial record ShyOptions(string Disk);
