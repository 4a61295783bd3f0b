using System.Runtime.InteropServices;
using Tidemark.Core.Async;
using Tidemark.Core.Errors;
using Tidemark.Io.Contract;

namespace Tidemark.Io.Linux;

internal sealed partial class KernelChannel
{
    // A loop that sends one huge answer must still serve others.
    private const int SendFileSliceBytes = 1 << 20;
    private static readonly byte[] Zeroes = new byte[64 << 10];

    private readonly Completion<IoStatus> sent = new();
    private readonly Completion<bool> workerEnded = new();
    private ReadOnlyMemory<byte> head;
    private ReadOnlyMemory<byte> body;
    private KernelFile? file;
    private long fileOffset;
    private long fileRemaining;
    private bool isSending;
    private FileSend? workerSend;

    public override ValueTask<IoStatus> SendAsync(ReadOnlyMemory<byte> data) => SendAsync(data, default);

    public override ValueTask<IoStatus> SendAsync(ReadOnlyMemory<byte> header, ReadOnlyMemory<byte> payload)
    {
        Invariant.That(!isSending, "one send is under way at a time");
        head = header;
        body = payload;
        return Begin();
    }

    public override ValueTask<IoStatus> SendFileAsync(ReadOnlyMemory<byte> header, StorageFile source, long offset, long length)
    {
        Invariant.That(!isSending, "one send is under way at a time");
        Invariant.That(offset >= 0 && length >= 0, "what is sent of a file is a range");
        if (source is not KernelFile { IsRegular: true, IsDirect: false } from)
        {
            return SendByCopyAsync(header, source, offset, length);
        }
        head = header;
        file = from;
        fileOffset = offset;
        fileRemaining = length;
        from.Enter();
        return Begin();
    }

    public override bool CanSendFromMemory(StorageFile source, long offset, long length) =>
        source is KernelFile { IsRegular: true, IsDirect: false } from
        && offset + length <= from.GetLength()
        && (from.IsMemory || Libc.IsCached(from.Descriptor, offset, length));

    private async ValueTask<IoStatus> SendByCopyAsync(ReadOnlyMemory<byte> header, StorageFile source, long offset, long length)
    {
        using var buffer = Core.Memory.AlignedBufferPool.Shared.Rent((int)Math.Min(length + 8192, SendFileSliceBytes));
        var status = await SendAsync(header);
        while (status == IoStatus.Ok && length > 0)
        {
            // A direct file wants whole blocks: read around what was asked for.
            var skip = (int)(offset % source.RequestAlignment);
            var count = (int)Math.Min(length, buffer.Length - skip - source.RequestAlignment);
            var padded = Core.Units.Alignment.Up(skip + count, source.RequestAlignment);
            status = await source.ReadAsync(offset - skip, buffer.Memory[..(int)padded]);
            if (status == IoStatus.Ok)
            {
                status = await SendAsync(buffer.Memory.Slice(skip, count));
            }
            offset += count;
            length -= count;
        }
        return status;
    }

    private ValueTask<IoStatus> Begin()
    {
        isSending = true;
        var status = Progress();
        if (status != IoStatus.Again)
        {
            ClearSend();
            return new(status);
        }
        sent.Reset();
        return sent.Task;
    }

    private void ContinueSend()
    {
        if (!isSending || workerSend is not null)
        {
            return;
        }
        var status = Progress();
        if (status != IoStatus.Again)
        {
            ClearSend();
            sent.Set(status);
        }
    }

    private void AbortSend()
    {
        // A worker inside sendfile ends by itself: the socket is shut down. Its end ends the send.
        if (isSending && workerSend is null)
        {
            ClearSend();
            sent.Set(IoStatus.BrokenPipe);
        }
    }

    private void ClearSend()
    {
        isSending = false;
        head = default;
        body = default;
        fileRemaining = 0;
        file?.Leave();
        file = null;
    }

    /// <summary>Sends what the socket takes: Ok when all is out, Again when it must wait for an edge or a worker.</summary>
    private IoStatus Progress()
    {
        if (isAborted)
        {
            return IoStatus.BrokenPipe;
        }
        while (head.Length + body.Length > 0)
        {
            var count = SendMemory();
            if (count < 0)
            {
                if ((int)Libc.LastError == Libc.EINTR)
                {
                    continue;
                }
                return Libc.LastError;
            }
            var fromHead = (int)Math.Min(count, head.Length);
            head = head[fromHead..];
            body = body[(int)(count - fromHead)..];
        }
        return fileRemaining > 0 ? ProgressFile() : IoStatus.Ok;
    }

    private unsafe nint SendMemory()
    {
        const int Flags = Libc.MSG_NOSIGNAL | Libc.MSG_DONTWAIT;
        fixed (byte* first = head.Span)
        fixed (byte* second = body.Span)
        {
            if (body.IsEmpty)
            {
                return Libc.Send(descriptor, first, head.Length, fileRemaining > 0 ? Flags | Libc.MSG_MORE : Flags);
            }
            if (head.IsEmpty)
            {
                return Libc.Send(descriptor, second, body.Length, Flags);
            }
            var vectors = stackalloc Libc.IoVector[2];
            vectors[0] = new Libc.IoVector { Base = first, Length = (nuint)head.Length };
            vectors[1] = new Libc.IoVector { Base = second, Length = (nuint)body.Length };
            var message = new Libc.MessageHeader { Vectors = vectors, VectorCount = 2 };
            return Libc.SendMessage(descriptor, &message, Flags);
        }
    }

    private IoStatus ProgressFile()
    {
        while (fileRemaining > 0)
        {
            var slice = (int)Math.Min(fileRemaining, SendFileSliceBytes);
            if (!file!.IsMemory && !Libc.IsCached(file.Descriptor, fileOffset, slice))
            {
                workerSend = new FileSend(this, file.Descriptor, descriptor, fileOffset, slice);
                workerEnded.Reset();
                engine.Block(workerSend);
                return IoStatus.Again;
            }
            var count = SendSlice(file.Descriptor, descriptor, fileOffset, slice);
            if (count < 0)
            {
                return (IoStatus)(-count);
            }
            fileOffset += count;
            fileRemaining -= count;
        }
        return IoStatus.Ok;
    }

    /// <summary>Bytes sent, at least one, or a negative errno.</summary>
    private static unsafe long SendSlice(int source, int socket, long offset, int length)
    {
        while (true)
        {
            var position = offset;
            long count = Libc.SendFile(socket, source, &position, length);
            if (count == 0)
            {
                // Behind the end of the file are zeroes.
                fixed (byte* zeroes = Zeroes)
                {
                    count = Libc.Send(socket, zeroes, Math.Min(length, Zeroes.Length), Libc.MSG_NOSIGNAL | Libc.MSG_DONTWAIT);
                }
            }
            if (count > 0)
            {
                return count;
            }
            if (Marshal.GetLastPInvokeError() is var error && error != Libc.EINTR)
            {
                return -error;
            }
        }
    }

    private void EndWorkerSend(long count)
    {
        workerSend = null;
        workerEnded.Set(true);
        if (count > 0)
        {
            fileOffset += count;
            fileRemaining -= count;
        }
        else if (count != -Libc.EAGAIN)
        {
            ClearSend();
            sent.Set((IoStatus)(-count));
            return;
        }
        // The edge may have come while the worker had the socket: just try.
        ContinueSend();
    }

    /// <summary>A slice of a file that is not in memory yet: the medium is waited for on a worker, the socket never.</summary>
    private sealed class FileSend(KernelChannel channel, int source, int socket, long offset, int length) : IWorkItem
    {
        private long count;

        public void Execute() => count = SendSlice(source, socket, offset, length);

        public void Finish() => channel.EndWorkerSend(count);
    }
}
