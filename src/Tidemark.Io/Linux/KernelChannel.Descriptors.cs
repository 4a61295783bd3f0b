using Tidemark.Core.Channels;

namespace Tidemark.Io.Linux;

internal sealed partial class KernelChannel : IDescriptorChannel
{
    // What the reference takes along with one message; the kernel closes the rest.
    private const int DescriptorsAtMost = 16;
    private const int ControlHeaderBytes = 16; // struct cmsghdr on 64-bit Linux: length, level, type
    private const int SCM_RIGHTS = 1;

    private readonly Queue<int> passed = new();
    private bool keepsDescriptors;

    public void KeepDescriptors() => keepsDescriptors = true;

    public int TakeDescriptor()
    {
        var first = passed.TryDequeue(out var descriptor) ? descriptor : -1;
        ClosePassed();
        return first;
    }

    private void ClosePassed()
    {
        while (passed.TryDequeue(out var descriptor))
        {
            _ = Libc.Close(descriptor);
        }
    }

    private unsafe nint Receive(byte* target, int length)
    {
        if (!keepsDescriptors)
        {
            return Libc.Receive(descriptor, target, length, Libc.MSG_DONTWAIT);
        }
        const int ControlBytes = ControlHeaderBytes + (DescriptorsAtMost * sizeof(int));
        // Aligned as the header wants it.
        var control = stackalloc nint[ControlBytes / sizeof(long)];
        var vector = new Libc.IoVector { Base = target, Length = (nuint)length };
        var message = new Libc.MessageHeader
        {
            Vectors = &vector,
            VectorCount = 1,
            Control = control,
            ControlLength = ControlBytes,
        };
        var count = Libc.ReceiveMessage(descriptor, &message, Libc.MSG_DONTWAIT | Libc.MSG_CMSG_CLOEXEC);
        if (count >= 0)
        {
            KeepPassed(new ReadOnlySpan<byte>(control, (int)message.ControlLength));
        }
        return count;
    }

    private void KeepPassed(ReadOnlySpan<byte> control)
    {
        var isFirst = true;
        while (control.Length >= ControlHeaderBytes)
        {
            var length = (int)BitConverter.ToInt64(control);
            var (level, type) = (BitConverter.ToInt32(control[8..]), BitConverter.ToInt32(control[12..]));
            if (length < ControlHeaderBytes || length > control.Length)
            {
                return;
            }
            if (level == Libc.SOL_SOCKET && type == SCM_RIGHTS)
            {
                if (isFirst)
                {
                    ClosePassed();
                    isFirst = false;
                }
                for (var at = ControlHeaderBytes; at + sizeof(int) <= length; at += sizeof(int))
                {
                    passed.Enqueue(BitConverter.ToInt32(control[at..]));
                }
            }
            control = control[Math.Min((length + 7) & ~7, control.Length)..];
        }
    }
}
