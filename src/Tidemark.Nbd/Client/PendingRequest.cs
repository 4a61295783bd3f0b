using Tidemark.Core.Async;
using Tidemark.Core.Errors;
using Tidemark.Nbd.Transmission;

namespace Tidemark.Nbd.Client;

/// <summary>
/// A request that waits for its reply. It completes once the reply has ended and its own bytes are out, whichever is later:
/// until then its memory is in use. Slots are used again; a slot's cookie changes each time, so that a late or made-up reply finds nobody.
/// </summary>
internal sealed class PendingRequest(int slot)
{
    private const int SlotBits = 16;
    private readonly List<(long Start, long End)> scattered = [];
    private ulong round;
    private long inOrder;
    private bool isSent;
    private bool isReplied;

    /// <summary>Index in the client's table.</summary>
    public int Slot => slot;

    /// <summary>Set with the outcome.</summary>
    public Completion<IoStatus> Completion { get; } = new();

    /// <summary>What is asked for.</summary>
    public RequestHeader Header { get; private set; }

    /// <summary>Where a read's data goes.</summary>
    public Memory<byte> Target { get; private set; }

    /// <summary>What a write sends.</summary>
    public ReadOnlyMemory<byte> Payload { get; private set; }

    /// <summary>Where block status goes.</summary>
    public BlockStatusResult? Status { get; private set; }

    /// <summary>The first error that the server reported.</summary>
    public IoStatus Error { get; set; }

    /// <summary>Whether a reply is awaited.</summary>
    public bool IsActive { get; private set; }

    /// <summary>The slot that a cookie belongs to; may lie outside any table.</summary>
    public static int SlotOf(ulong cookie) => (int)(cookie & ((1 << SlotBits) - 1));

    public void Begin(CommandType type, CommandFlags flags, long offset, long length)
    {
        Completion.Reset();
        round++;
        Header = new RequestHeader(flags, type, (round << SlotBits) | (uint)slot, (ulong)offset, (ulong)length);
        (Target, Payload, Status, Error) = (default, default, null, IoStatus.Ok);
        (IsActive, isSent, isReplied, inOrder) = (true, false, false, 0);
        scattered.Clear();
    }

    public void Into(Memory<byte> target) => Target = target;

    public void With(ReadOnlyMemory<byte> payload) => Payload = payload;

    public void Into(BlockStatusResult result) => Status = result;

    /// <summary>Its bytes are out, or never will be.</summary>
    public void MarkSent()
    {
        isSent = true;
        CompleteIfBoth();
    }

    /// <summary>Its reply has ended, or never will come.</summary>
    public void MarkReplied()
    {
        isReplied = true;
        CompleteIfBoth();
    }

    /// <summary>
    /// Notes that a chunk covers <paramref name="length"/> bytes from <paramref name="offset"/> (of the export) on; false if it lies
    /// outside the request or overlaps an earlier one.
    /// </summary>
    public bool TryCover(ulong offset, ulong length)
    {
        if (offset < Header.Offset || length == 0 || length > Header.Length || offset - Header.Offset > Header.Length - length)
        {
            return false;
        }
        var start = (long)(offset - Header.Offset);
        var end = start + (long)length;
        if (start == inOrder && scattered.Count == 0)
        {
            inOrder = end;
            return true;
        }
        if (
            start < inOrder
            || scattered.Count == Limits.MaxScatteredChunks
            || scattered.Exists(s => start < s.End && s.Start < end)
        )
        {
            return false;
        }
        scattered.Add((start, end));
        return true;
    }

    /// <summary>Whether chunks covered all of a read.</summary>
    public bool IsCovered()
    {
        var total = inOrder;
        foreach (var (start, end) in scattered)
        {
            total += end - start;
        }
        return total == (long)Header.Length;
    }

    private void CompleteIfBoth()
    {
        if (isSent && isReplied && IsActive)
        {
            IsActive = false;
            Completion.Set(Error);
        }
    }
}
