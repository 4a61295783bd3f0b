using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Jobs.Tests;

/// <summary>The content of a <see cref="RamDriver"/> node, and its temper.</summary>
internal sealed class RamDisk(int size, int clusterSize = 0)
{
    private int reads;
    private int writes;

    public byte[] Bytes { get; } = new byte[size];

    public int ClusterSize { get; } = clusterSize;

    /// <summary>In what pieces allocation is kept and zeroes are told.</summary>
    public int Unit { get; init; } = 64 << 10;

    /// <summary>Whether it may have a backing file; then nothing is allocated at first.</summary>
    public bool HasBacking { get; init; }

    public bool[]? Allocated { get; private set; }

    /// <summary>Requests take a random number of turns of the loop, up to this, by the seed.</summary>
    public int LongestWait { get; set; }

    public Random Random { get; set; } = new(1);

    /// <summary>Number, from 1, of the read or write that fails; 0 for none.</summary>
    public int FailRead { get; set; }

    public int FailWrite { get; set; }

    public IoStatus Failure { get; set; } = IoStatus.IoError;

    /// <summary>What flushes say.</summary>
    public IoStatus FlushFailure { get; set; }

    /// <summary>Whether writes fail from <see cref="FailWrite"/> on, not only that one.</summary>
    public bool FailsForGood { get; set; }

    /// <summary>Offset of the byte that can't be written; -1 for none.</summary>
    public long FailAt { get; set; } = -1;

    /// <summary>Whether a write that fails has changed its first half.</summary>
    public bool FailsHalfway { get; set; }

    /// <summary>While set, requests that begin wait for it.</summary>
    public TaskCompletionSource? Gate { get; set; }

    public int Reads => reads;

    public int Writes => writes;

    public bool IsAllocated(long offset)
    {
        Prepare();
        return Allocated is null || Allocated[offset / Unit];
    }

    public void Allocate(ByteRange range)
    {
        Prepare();
        for (var unit = range.Offset / Unit; Allocated is not null && unit <= (range.End - 1) / Unit; unit++)
        {
            Allocated[unit] = true;
        }
    }

    public async ValueTask<IoStatus> BeginAsync(bool? isWrite, ByteRange range = default)
    {
        Prepare();
        if (isWrite == true && FailAt >= range.Offset && FailAt < range.End)
        {
            writes++;
            return Failure;
        }
        var status = isWrite switch
        {
            true => ++writes == FailWrite || (FailsForGood && FailWrite > 0 && writes > FailWrite) ? Failure : IoStatus.Ok,
            false => ++reads == FailRead ? Failure : IoStatus.Ok,
            null => IoStatus.Ok,
        };
        if (Gate is { } gate && isWrite is not null)
        {
            await gate.Task;
        }
        for (var turns = LongestWait == 0 ? 0 : Random.Next(LongestWait + 1); turns > 0; turns--)
        {
            await Task.Yield();
        }
        return status;
    }

    private void Prepare() => Allocated ??= HasBacking ? new bool[(Bytes.Length + Unit - 1) / Unit] : null;
}
