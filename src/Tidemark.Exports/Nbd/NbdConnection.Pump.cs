using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Tidemark.Core.Async;
using Tidemark.Core.Errors;
using Tidemark.Nbd;
using Tidemark.Nbd.Transmission;
using NbdLimits = Tidemark.Nbd.Limits;

namespace Tidemark.Exports.Nbd;

/// <content>The pump: from bytes to requests.</content>
internal sealed partial class NbdConnection
{
    private readonly Completion<bool> turn = new();
    private SharedBuffer input;
    private int inputFrom;
    private int inputTo;

    private enum Step
    {
        /// <summary>Serve the next request.</summary>
        Served,

        /// <summary>The next request isn't there whole.</summary>
        NeedsMore,

        /// <summary>It is a write with more data than the input is meant for.</summary>
        LargeWrite,

        /// <summary>Nothing more is served: the client left, or can't be understood.</summary>
        Ended,
    }

    private bool IsFull =>
        inFlight >= Limits.InFlightRequests || inFlightBytes >= Limits.InFlightBytes || sender.Unsent >= Limits.UnsentBytes;

    private async ValueTask PumpAsync()
    {
        var batches = 0;
        var receiveAtMost = Limits.ReceiveBytes;
        while (!isCutOff)
        {
            var step = ServeBatch(out var request);
            sender.Flush();
            if (sender.IsBroken)
            {
                return;
            }
            switch (step)
            {
                case Step.Served:
                    await WaitForRoomAsync();
                    break;
                case Step.Ended:
                    return;
                case Step.LargeWrite:
                    // Its like probably comes next: take the header alone, so that the data needn't be moved.
                    receiveAtMost = RequestHeader.SizeOf(style);
                    if (!await ServeLargeWriteAsync(request))
                    {
                        return;
                    }
                    break;
                case Step.NeedsMore:
                    if (inputTo > inputFrom)
                    {
                        receiveAtMost = Limits.ReceiveBytes;
                    }
                    // In this very method: another one in between would cost an allocation and a turn of the loop each time.
                    var read = await channel.ReceiveAsync(MakeInputRoom(receiveAtMost));
                    inputTo += read.Count;
                    if (read.IsEnd)
                    {
                        return;
                    }
                    break;
            }
            if (++batches == Limits.BatchesPerTurn)
            {
                batches = 0;
                await YieldAsync();
            }
        }
    }

    /// <summary>Serves whole requests until there is none, or too much waits.</summary>
    private Step ServeBatch(out RequestHeader request)
    {
        request = default;
        BeginBatch();
        while (!IsFull)
        {
            var step = ServeNext(out request);
            if (step != Step.Served)
            {
                return step;
            }
            if (sender.Unsent >= Limits.SendThresholdBytes)
            {
                sender.Flush();
            }
        }
        return Step.Served;
    }

    private Step ServeNext(out RequestHeader request)
    {
        var available = input.Span[inputFrom..inputTo];
        var headerSize = RequestHeader.SizeOf(style);
        if (available.Length < headerSize)
        {
            request = default;
            return Step.NeedsMore;
        }
        if (!RequestHeader.TryParse(available, style, out request))
        {
            Fail(request, NbdError.InvalidArgument, RequestRules.BadMagic(BinaryPrimitives.ReadUInt32BigEndian(available)));
            return Step.Ended;
        }
        var payload = request.PayloadBytes(style);
        if (payload > NbdLimits.MaxPayloadBytes)
        {
            // What follows can't be told apart from requests any more.
            Fail(request, NbdError.InvalidArgument, RequestRules.TooLong(request));
            return Step.Ended;
        }
        if (payload > Limits.LargeWriteBytes)
        {
            inputFrom += headerSize;
            return Step.LargeWrite;
        }
        if (available.Length < headerSize + (int)payload)
        {
            return Step.NeedsMore;
        }
        if (request.Type == CommandType.Disconnect)
        {
            return Step.Ended;
        }
        var at = inputFrom + headerSize;
        inputFrom = at + (int)payload;
        Serve(request, input, at, (int)payload);
        return Step.Served;
    }

    /// <summary>Receives the rest of a large request's data into a buffer of its own and serves it; false when the connection ended.</summary>
    private async ValueTask<bool> ServeLargeWriteAsync(RequestHeader request)
    {
        var length = (int)request.PayloadBytes(style);
        while (inFlight > 0 && inFlightBytes + length > Limits.InFlightBytes)
        {
            await requestEnded.WaitAsync();
        }
        var data = new SharedBuffer(length);
        var filled = Math.Min(length, inputTo - inputFrom);
        input.Span.Slice(inputFrom, filled).CopyTo(data.Span);
        inputFrom += filled;
        while (filled < length)
        {
            var read = await channel.ReceiveAsync(data.Memory[filled..]);
            if (read.IsEnd)
            {
                data.Drop();
                return false;
            }
            filled += read.Count;
        }
        BeginBatch();
        Serve(request, data, 0, length);
        data.Drop();
        return true;
    }

    /// <summary>Receives up to <paramref name="atMost"/> bytes behind what is there; false when the connection ended.</summary>
    private async ValueTask<bool> ReceiveMoreAsync(int atMost)
    {
        var read = await channel.ReceiveAsync(MakeInputRoom(atMost));
        inputTo += read.Count;
        return !read.IsEnd;
    }

    /// <summary>Where to receive up to <paramref name="atMost"/> bytes.</summary>
    private Memory<byte> MakeInputRoom(int atMost)
    {
        MakeInputRoom();
        var room = input.Memory[inputTo..];
        return room.Length > atMost ? room[..atMost] : room;
    }

    /// <summary>
    /// Sees to it that a whole request fits behind <see cref="inputFrom"/>. Bytes may only move, and a buffer only be used from
    /// its start again, while no write that is under way has its data there.
    /// </summary>
    private void MakeInputRoom()
    {
        const int Needed = Limits.LargeWriteBytes + RequestHeader.ExtendedSize;
        var pending = inputTo - inputFrom;
        if (pending == 0 && input.IsSole)
        {
            (inputFrom, inputTo) = (0, 0);
            return;
        }
        if (input.Length - inputFrom >= Needed && inputTo < input.Length)
        {
            return;
        }
        var rest = input.Span[inputFrom..inputTo];
        if (input.IsSole)
        {
            rest.CopyTo(input.Span);
        }
        else
        {
            var next = new SharedBuffer(Limits.ReceiveBytes);
            rest.CopyTo(next.Span);
            input.Drop();
            input = next;
        }
        (inputFrom, inputTo) = (0, pending);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WaitForRoomAsync()
    {
        while (IsFull && !isCutOff && !sender.IsBroken)
        {
            if (sender.Unsent >= Limits.UnsentBytes)
            {
                await sender.WaitForProgressAsync();
            }
            else
            {
                await requestEnded.WaitAsync();
            }
        }
    }

    /// <summary>Lets everything else that the loop has to do go first.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask YieldAsync()
    {
        turn.Reset();
        server.Engine.Loop.Enqueue(static turn => ((Completion<bool>)turn!).Set(true), turn);
        _ = await turn.Task;
    }
}
