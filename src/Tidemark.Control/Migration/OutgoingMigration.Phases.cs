using System.Buffers.Binary;
using Tidemark.Bitmaps.Migration;
using Tidemark.Control.Machine;
using Tidemark.Core.Errors;

namespace Tidemark.Control.Migration;

/// <summary>What is sent when.</summary>
internal sealed partial class OutgoingMigration
{
    private const int SendAtBytes = 256 << 10;
    private static readonly TimeSpan Heartbeat = TimeSpan.FromMilliseconds(100);

    // Configuration, memory's size (none), and the bitmaps' names.
    private async ValueTask SetUpAsync()
    {
        string[] told = control.Capabilities[MigrationCapability.XIgnoreShared]
            ? [MigrationCapability.XIgnoreShared.ToWord()]
            : [];
        stream.Header(Machine.Type, told, UuidToSend());
        if (control.Capabilities[MigrationCapability.ReturnPath] || control.Capabilities[MigrationCapability.PostcopyRam])
        {
            returnPath = new ReturnPath(channel!); // it has just been opened
            stream.Command(StreamCommand.OpenReturnPath);
            Ping(1);
            returnPath.Start();
        }
        if (control.Capabilities.AllowPostcopy)
        {
            stream.Command(StreamCommand.PostcopyAdvise, AdviceToSend());
        }
        stream.MemoryStart();
        NextPass();
        try
        {
            if (control.Capabilities[MigrationCapability.DirtyBitmaps])
            {
                // A transaction that is still to be undone must find its bitmaps as it left them.
                await Machine.Context.BetweenTransactionsAsync(() =>
                {
                    bitmaps = DepartingBitmaps.Collect(Graph, control.Parameters.BlockBitmapMapping);
                    return default;
                });
                records = stream.StartBitmaps();
                foreach (var (bitmap, node, name, flags) in bitmaps!.All) // just collected
                {
                    records.Start(node, name, bitmap.Granularity, flags);
                }
                stream.EndBitmaps();
            }
        }
        finally
        {
            setUp = Now();
            SetStatus(MigrationStatus.Active);
        }
        await SendAsync();
    }

    // Goes on until what is left can be sent while nobody waits for longer than allowed.
    private async ValueTask ConvergeAsync()
    {
        while (!isPostcopyWanted && bitmaps is { PendingBytes: > 0 and var pending } && pending > Threshold())
        {
            stream.Memory(last: false);
            if (!Machine.IsRunning)
            {
                // Empty, too: bits are sent at the end only.
                stream.ContinueBitmaps(last: false);
                stream.EndBitmaps();
            }
            await SendAsync();
            await Graph.Loop.DelayAsync(Heartbeat, CancellationToken.None);
        }
        ThrowIfCancelled();
    }

    private async ValueTask CompleteAsync()
    {
        if (bitmaps is { PendingBytes: > 0 })
        {
            NextPass();
        }
        StopMachine();
        if (control.Capabilities[MigrationCapability.PauseBeforeSwitchover])
        {
            SetStatus(MigrationStatus.PreSwitchover);
            while (!mayContinue)
            {
                ThrowIfCancelled();
                await changed.WaitAsync();
            }
            ThrowIfCancelled();
            SetStatus(MigrationStatus.Device);
        }
        NextPass();
        // Exports may still be written to: from the first bit that is sent until the images are let go nothing must be.
        using (await Graph.DrainAllAsync())
        {
            stream.Memory(last: true);
            if (bitmaps is { All.Count: > 0 })
            {
                stream.ContinueBitmaps(last: true);
                await SendBitsAsync();
                SendCompletion();
            }
            await SendAsync();
            await Machine.Context.BetweenTransactionsAsync(() => Graph.InactivateAllAsync(forMigration: true));
        }
        stream.State(stateBefore.ToWord());
        stream.End();
        stream.Description();
        await SendAsync();
        await AwaitAnswerAsync();
    }

    // The destination runs first, and gets the bits afterwards.
    private async ValueTask PostcopyAsync()
    {
        var isMemoryLate = control.Capabilities[MigrationCapability.PostcopyRam];
        SetStatus(MigrationStatus.PostcopyActive);
        StopMachine();
        await Machine.Context.BetweenTransactionsAsync(() => Graph.InactivateAllAsync(forMigration: true));
        if (isMemoryLate)
        {
            NextPass();
            Ping(2);
        }
        else
        {
            stream.Memory(last: true);
        }
        stream.Package(parts =>
        {
            parts.Command(StreamCommand.PostcopyListen);
            parts.State(stateBefore.ToWord());
            if (isMemoryLate)
            {
                parts.Command(StreamCommand.Ping, [0, 0, 0, 3]);
            }
            parts.Command(StreamCommand.PostcopyRun);
        });
        if (isMemoryLate)
        {
            Ping(4);
        }
        hasHandedOver = true;
        await SendAsync();
        if (bitmaps is { All.Count: > 0 })
        {
            if (isMemoryLate)
            {
                stream.Memory(last: false);
            }
            stream.ContinueBitmaps(last: false);
            await SendBitsAsync();
            stream.EndBitmaps();
        }
        stream.Memory(last: true);
        if (bitmaps is { All.Count: > 0 })
        {
            stream.ContinueBitmaps(last: true);
            SendCompletion();
        }
        stream.End();
        await SendAsync();
        await AwaitAnswerAsync();
    }

    private void StopMachine()
    {
        stateBefore = Machine.State;
        hasStopped = true;
        downtimeBegan = Now();
        Machine.Halt(RunState.FinishMigrate);
    }

    private async ValueTask SendBitsAsync()
    {
        foreach (var (bitmap, node, name, _) in bitmaps!.All) // who calls has looked
        {
            for (var at = 0L; at < bitmap.SizeBytes; )
            {
                var part = BitmapRecordWriter.Chunk(bitmap.Content, at);
                records!.Bits(node, name, bitmap.Content, part); // made with the bitmaps
                at = part.End;
                if (buffer.WrittenCount >= SendAtBytes)
                {
                    await SendAsync();
                }
            }
        }
    }

    private void SendCompletion()
    {
        foreach (var (_, node, name, _) in bitmaps!.All) // who calls has looked
        {
            records!.Complete(node, name); // made with the bitmaps
        }
        stream.EndBitmaps();
    }

    private async ValueTask SendAsync()
    {
        ThrowIfCancelled();
        var status = await channel!.SendAsync(buffer.WrittenMemory); // opened before anything is sent
        sentBytes += buffer.WrittenCount;
        buffer.ResetWrittenCount();
        ThrowIfCancelled();
        if (status != IoStatus.Ok)
        {
            var failure = new BlockException(status, $"Unable to write to {Way}");
            errorText = failure.Message;
            throw failure;
        }
    }

    private async ValueTask AwaitAnswerAsync()
    {
        if (returnPath is not null && !await returnPath.WaitForEndAsync())
        {
            throw new BlockException(BlockErrorKind.Io, "The destination could not load the migration");
        }
    }

    private long Threshold()
    {
        var (bandwidth, downtimeMs) = (control.Parameters.MaxBandwidth, control.Parameters.DowntimeLimit);
        if (bandwidth == 0)
        {
            return downtimeMs == 0 ? 0 : long.MaxValue;
        }
        return (long)Math.Min(bandwidth / 1000.0 * downtimeMs, long.MaxValue / 2);
    }

    private byte[] UuidToSend() =>
        control.Capabilities[MigrationCapability.ValidateUuid] && Machine.Uuid != Guid.Empty
            ? Machine.Uuid.ToByteArray(bigEndian: true)
            : [];

    // Sizes of the pages that the destination must have, too.
    private byte[] AdviceToSend()
    {
        const ulong PageBytes = 4096;
        if (!control.Capabilities[MigrationCapability.PostcopyRam])
        {
            return [];
        }
        var advice = new byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(advice.AsSpan(8), PageBytes);
        return advice;
    }

    // The answers tell nothing here; a source that moves memory measures by them.
    private void Ping(byte number) => stream.Command(StreamCommand.Ping, [0, 0, 0, number]);

    private void NextPass() => control.PublishPass(++passes);

    private void ThrowIfCancelled()
    {
        if (isCancelled)
        {
            throw Cancelled();
        }
    }
}
