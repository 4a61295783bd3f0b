using Tidemark.Bitmaps.Migration;
using Tidemark.Control.Machine;
using Tidemark.Core.Channels;
using Tidemark.Core.Errors;

namespace Tidemark.Control.Migration;

/// <summary>Taking the stream apart as it arrives.</summary>
internal sealed partial class IncomingMigration
{
    private readonly byte[] input = GC.AllocateUninitializedArray<byte>(MigrationLimits.BufferBytes);
    private int inputBytes;

    /// <summary>What the loop has to do before it reads on, since it may have to wait.</summary>
    private enum Turn
    {
        NeedsMore,
        Answer,
        Run,
        End,
    }

    private async ValueTask ReceiveAsync(ByteChannel from)
    {
        while (true)
        {
            switch (TakeItems(out var answer))
            {
                case Turn.End:
                    if (bitmaps.AreIncomplete)
                    {
                        throw new BlockException(
                            BlockErrorKind.Corrupt,
                            "The migration stream ends before its bitmaps are complete"
                        )
                        {
                            Status = IoStatus.InvalidArgument,
                        };
                    }
                    return;
                case Turn.Run:
                    SetStatus(MigrationStatus.PostcopyActive);
                    await TakeOverAsync();
                    break;
                case Turn.Answer:
                    await AnswerAsync(answer);
                    break;
                default:
                    await FillAsync(from);
                    break;
            }
        }
    }

    private async ValueTask FillAsync(ByteChannel from)
    {
        Invariant.That(inputBytes < input.Length, "the buffer holds a part of a stream");
        var read = await from.ReceiveAsync(input.AsMemory(inputBytes));
        if (read is { Status: not (IoStatus.Ok or IoStatus.ConnectionReset) })
        {
            control.Warn(new BlockException(read.Status, $"Unable to read from {from.Peer}").Message);
        }
        if (read.IsEnd)
        {
            // However the source went away.
            throw new BlockException(BlockErrorKind.Io, "The source of the migration went away") { Status = IoStatus.IoError };
        }
        inputBytes += read.Count;
    }

    private Turn TakeItems(out byte[] answer)
    {
        var at = 0;
        var turn = Turn.NeedsMore;
        answer = [];
        while (turn == Turn.NeedsMore)
        {
            var found = reader.TryRead(input.AsSpan(at, inputBytes - at), out var consumed, out var item);
            if (found)
            {
                turn = Take(item, ref answer);
            }
            at += consumed;
            if (!found)
            {
                break;
            }
        }
        input.AsSpan(at, inputBytes - at).CopyTo(input);
        inputBytes -= at;
        return turn;
    }

    private Turn Take(StreamItem item, ref byte[] answer)
    {
        switch (item.Kind)
        {
            case StreamItemKind.Machine when item.Text != Machine.Type:
                throw Refuse($"Machine type received is '{item.Text}' and local is '{Machine.Type}'");
            case StreamItemKind.Capability:
                CheckCapability(item.Text);
                break;
            case StreamItemKind.Uuid:
                CheckUuid(new Guid(item.Data, bigEndian: true));
                break;
            case StreamItemKind.BitmapStart:
                bitmaps.Start(item);
                break;
            case StreamItemKind.BitmapBits:
                bitmaps.TakeBits(item);
                break;
            case StreamItemKind.BitmapComplete:
                bitmaps.Complete(item);
                break;
            case StreamItemKind.RunState:
                sourceState = ParseState(item.Text);
                break;
            case StreamItemKind.Command:
                return Obey(item, ref answer);
            case StreamItemKind.End:
                return Turn.End;
        }
        return Turn.NeedsMore;
    }

    private Turn Obey(StreamItem item, ref byte[] answer)
    {
        switch (item.Command)
        {
            case StreamCommand.OpenReturnPath:
                answers = true;
                return Turn.NeedsMore;
            case StreamCommand.Ping when answers:
                answer = ReturnPath.PongMessage(item.Data);
                return Turn.Answer;
            case StreamCommand.PostcopyRun when hasRun:
                throw Refuse("CMD_POSTCOPY_RUN in wrong postcopy state (running)");
            case StreamCommand.PostcopyRun:
                return Turn.Run;
            default:
                // Advice and the like concern a guest's memory.
                return Turn.NeedsMore;
        }
    }

    private async ValueTask AnswerAsync(byte[] message)
    {
        if (answers && channel is not null)
        {
            // A source that does not listen any more has its reasons; it will be found out where it matters.
            _ = await channel.SendAsync(message);
        }
    }

    // What comes behind the end is for people. The source must get rid of it, and closes first.
    private async ValueTask LetSourceEndAsync(ByteChannel from)
    {
        while (!(await from.ReceiveAsync(input)).IsEnd) { }
    }

    private void CheckCapability(string name)
    {
        var isOn = Enum.GetValues<MigrationCapability>().Any(c => c.ToWord() == name && control.Capabilities[c]);
        if (!isOn)
        {
            throw Refuse($"Capability {name} is off, but received capability is on");
        }
    }

    private void CheckUuid(Guid received)
    {
        if (control.Capabilities[MigrationCapability.ValidateUuid] && received != Machine.Uuid)
        {
            throw Refuse($"UUID received is {received} and local is {Machine.Uuid}");
        }
    }

    private static RunState ParseState(string text)
    {
        foreach (var state in Enum.GetValues<RunState>())
        {
            if (state.ToWord() == text)
            {
                return state;
            }
        }
        throw Refuse($"Unknown run state in the migration stream: '{text}'");
    }

    private static BlockException Refuse(string message) =>
        new(BlockErrorKind.InvalidOptions, message) { Status = IoStatus.InvalidArgument };
}
