using System.Runtime.InteropServices;
using System.Text;

namespace Tidemark.Cli.Terminal;

/// <summary>
/// Text as UTF-8 to a descriptor of this process, through a buffer. Standard error is written out at every line. When the
/// reader has gone (a pipe into head), what follows is dropped. One thread at a time.
/// </summary>
internal sealed partial class FileDescriptorWriter(int descriptor) : TextWriter
{
    private const int BufferBytes = 16 * 1024;
    private const int Interrupted = 4; // EINTR
    private const int TryAgain = 11; // EAGAIN

    private readonly byte[] buffer = new byte[BufferBytes];
    private readonly bool atOnce = descriptor == 2 || IsTerminal(descriptor);
    private int used;
    private bool gone;

    /// <inheritdoc/>
    public override Encoding Encoding => Encoding.UTF8;

    /// <summary>Whether a person is looking: the descriptor is a terminal.</summary>
    public static bool IsTerminal(int descriptor) => isatty(descriptor) == 1;

    /// <inheritdoc/>
    public override void Write(char value) => Write(new ReadOnlySpan<char>(in value));

    /// <inheritdoc/>
    public override void Write(string? value) => Write(value.AsSpan());

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<char> buffer)
    {
        while (!buffer.IsEmpty)
        {
            var part = buffer[..Math.Min(buffer.Length, BufferBytes / 4)];
            if (part.Length < buffer.Length && char.IsHighSurrogate(part[^1]))
            {
                part = part[..^1];
            }

            if (Encoding.UTF8.GetMaxByteCount(part.Length) > this.buffer.Length - used)
            {
                Flush();
            }

            used += Encoding.UTF8.GetBytes(part, this.buffer.AsSpan(used));
            buffer = buffer[part.Length..];
        }

        if (atOnce && used > 0 && this.buffer[used - 1] is (byte)'\n' or (byte)'\r')
        {
            Flush();
        }
    }

    /// <inheritdoc/>
    public override void WriteLine() => Write("\n");

    /// <inheritdoc/>
    public override void WriteLine(string? value)
    {
        Write(value);
        Write("\n");
    }

    /// <summary>Adds bytes as they are, in order with the text.</summary>
    public void WriteBytes(ReadOnlySpan<byte> data)
    {
        Flush();
        Send(data);
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        var count = used;
        used = 0;
        Send(buffer.AsSpan(0, count));
    }

    private void Send(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty && !gone)
        {
            var sent = write(descriptor, in MemoryMarshal.GetReference(data), data.Length);
            if (sent >= 0)
            {
                data = data[(int)sent..];
            }
            else if (Marshal.GetLastPInvokeError() is not (Interrupted or TryAgain))
            {
                gone = true;
            }
            else
            {
                WaitUntilWritable();
            }
        }
    }

    // Someone who shares the descriptor may have made it non-blocking.
    private void WaitUntilWritable()
    {
        var wanted = new PollEntry
        {
            Descriptor = descriptor,
            Events = 4, /* POLLOUT */
        };
        _ = poll(ref wanted, 1, -1);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int descriptor, in byte data, nint count);

    [LibraryImport("libc")]
    private static partial int isatty(int descriptor);

    [LibraryImport("libc")]
    private static partial int poll(ref PollEntry entries, nint count, int timeoutMs);
}
