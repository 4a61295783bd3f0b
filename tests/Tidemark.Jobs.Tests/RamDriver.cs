using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Schema;
using Tidemark.Core.Units;

namespace Tidemark.Jobs.Tests;

/// <summary>
/// A disk in memory for tests: options are the name of a <see cref="RamDisk"/>, which decides how long requests take and which fail.
/// </summary>
internal sealed class RamDriver : BlockDriver
{
    private readonly RamDisk disk;

    private RamDriver(Block.Graph.BlockNode node, RamDisk disk)
        : base(node)
    {
        this.disk = disk;
    }

    public override long SizeBytes => disk.Bytes.Length;

    public override int ClusterSize => disk.ClusterSize;

    public static DriverDefinition Define(Dictionary<string, RamDisk> disks) =>
        DriverDefinition.For(
            "ram",
            DriverKind.Format,
            static () => RamOptions.Codec,
            async (context, options) =>
            {
                var found = disks[options.Disk];
                if (found.HasBacking)
                {
                    _ = await context.AttachBackingAsync(null, null, null);
                }
                return (BlockDriver)new RamDriver(context.Node, found);
            }
        ) with
        {
            ChildNames = ["backing"],
            SupportsBacking = true,
        };

    public override async ValueTask<IoStatus> ReadAsync(ByteRange range, Memory<byte> target, RequestFlags flags)
    {
        var status = await disk.BeginAsync(isWrite: false);
        if (status == IoStatus.Ok)
        {
            Memory(range).CopyTo(target);
            if (disk.Allocated is { } allocated && Node.BackingChild is { } backing)
            {
                for (var at = range.Offset; at < range.End; at += disk.Unit - (at % disk.Unit))
                {
                    if (!allocated[at / disk.Unit])
                    {
                        var piece = ByteRange.Between(at, Math.Min(range.End, Alignment.Up(at + 1, disk.Unit)));
                        status = await backing.ReadAsync(piece, target.Slice((int)(at - range.Offset), (int)piece.Length));
                    }
                }
            }
        }
        return status;
    }

    public override async ValueTask<IoStatus> WriteAsync(ByteRange range, ReadOnlyMemory<byte> data, RequestFlags flags)
    {
        var status = await disk.BeginAsync(isWrite: true, range);
        if (status == IoStatus.Ok)
        {
            data.CopyTo(Memory(range));
            disk.Allocate(range);
        }
        else if (disk.FailsHalfway)
        {
            data[..(data.Length / 2)].CopyTo(Memory(range));
        }
        return status;
    }

    public override async ValueTask<IoStatus> WriteZeroesAsync(ByteRange range, RequestFlags flags)
    {
        var status = await disk.BeginAsync(isWrite: true, range);
        if (status == IoStatus.Ok)
        {
            Memory(range).Span.Clear();
            disk.Allocate(range);
        }
        return status;
    }

    public override async ValueTask<IoStatus> DiscardAsync(ByteRange range)
    {
        var status = await disk.BeginAsync(isWrite: true, range);
        if (status == IoStatus.Ok)
        {
            Memory(range).Span.Clear();
        }
        return status;
    }

    public override ValueTask<IoStatus> FlushToDiskAsync() => new(disk.FlushFailure);

    public override async ValueTask<BlockStatus> BlockStatusAsync(ByteRange range, bool wantZero)
    {
        var status = await disk.BeginAsync(isWrite: null);
        var unit = disk.Unit;
        var end = Math.Min(Alignment.Up(range.Offset + 1, unit), range.End);
        var allocated = disk.IsAllocated(range.Offset);
        var zero = allocated && !Memory(ByteRange.Between(range.Offset, end)).Span.ContainsAnyExcept((byte)0);
        var flags =
            !allocated ? BlockStatusFlags.None
            : zero ? BlockStatusFlags.Zero
            : BlockStatusFlags.Data;
        return new BlockStatus(status, flags, end - range.Offset);
    }

    private Memory<byte> Memory(ByteRange range) => disk.Bytes.AsMemory((int)range.Offset, (int)range.Length);
}

[Schema]
internal sealed partial record RamOptions(string Disk, BlockdevRefOrNull? Backing = null);
