using Tidemark.Block.Contract;
using Tidemark.Core.Async;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Block.Tests;

/// <summary>The content of a <see cref="ShyDriver"/> node, what it can take, and what it saw.</summary>
internal sealed class ShyDisk(int size)
{
    private int requests;

    public byte[] Bytes { get; } = new byte[size];

    public BlockLimits Limits { get; init; } = BlockLimits.Default;

    /// <summary>Number, from 1, of the request that fails with an I/O error; 0 for none.</summary>
    public int FailRequest { get; set; }

    /// <summary>While set, requests wait for it before they act.</summary>
    public Completion<bool>? Gate { get; set; }

    /// <summary>Every request that came, in order ("write 0+4096").</summary>
    public List<string> Seen { get; } = [];

    public async ValueTask<IoStatus> BeginAsync(string verb, ByteRange range)
    {
        Seen.Add($"{verb} {range.Offset}+{range.Length}");
        var fails = ++requests == FailRequest;
        if (Gate is { } gate)
        {
            _ = await gate.Task;
        }
        return fails ? IoStatus.IoError : IoStatus.Ok;
    }

    public Memory<byte> Memory(ByteRange range) => Bytes.AsMemory((int)range.Offset, (int)range.Length);
}
