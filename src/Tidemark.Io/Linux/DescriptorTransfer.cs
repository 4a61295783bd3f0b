using Tidemark.Core.Async;

namespace Tidemark.Io.Linux;

/// <summary>One blocking read of a descriptor, or the writes of a whole message, at the place where the descriptor is.</summary>
internal sealed class DescriptorTransfer(int descriptor, bool isWrite, ReadOnlyMemory<byte> memory) : IWorkItem
{
    private long result;

    /// <summary>Bytes, or a negative errno.</summary>
    public Completion<long> Done { get; } = new();

    public unsafe void Execute()
    {
        using var pin = memory.Pin();
        var pointer = (byte*)pin.Pointer;
        var done = 0;
        while (done < memory.Length)
        {
            long count = isWrite
                ? Libc.Write(descriptor, pointer + done, memory.Length - done)
                : Libc.Read(descriptor, pointer, memory.Length);
            if (count < 0 && (int)Libc.LastError is Libc.EINTR or Libc.EAGAIN)
            {
                // Somebody else made the shared descriptor non-blocking: wait for it as it is.
                Libc.WaitFor(descriptor, isWrite);
                continue;
            }
            if (count < 0)
            {
                result = -(int)Libc.LastError;
                return;
            }
            done += (int)count;
            if (!isWrite)
            {
                break;
            }
        }
        result = done;
    }

    public void Finish() => _ = Done.TrySet(result);
}
