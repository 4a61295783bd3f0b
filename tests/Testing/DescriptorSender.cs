using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Tidemark.Testing;

/// <summary>Sends bytes over a unix socket with descriptors beside them (SCM_RIGHTS), which the runtime can't.</summary>
internal static unsafe partial class DescriptorSender
{
    private const int SolSocket = 1;
    private const int ScmRights = 1;
    private const int HeaderBytes = 16;

    /// <summary>Sends all of <paramref name="data"/>; the peer gets duplicates of <paramref name="descriptors"/> with its first byte.</summary>
    public static void Send(Socket socket, ReadOnlySpan<byte> data, ReadOnlySpan<int> descriptors)
    {
        var length = HeaderBytes + (descriptors.Length * sizeof(int));
        var control = stackalloc nint[(length + 7) / 8];
        control[0] = length;
        ((int*)control)[2] = SolSocket;
        ((int*)control)[3] = ScmRights;
        descriptors.CopyTo(new Span<int>((int*)control + 4, descriptors.Length));
        fixed (byte* bytes = data)
        {
            var vector = new Vector { Base = bytes, Length = (nuint)data.Length };
            var message = new Message
            {
                Vectors = &vector,
                VectorCount = 1,
                Control = control,
                ControlLength = (nuint)((length + 7) & ~7),
            };
            var sent = sendmsg((int)socket.Handle, &message, 0);
            if (sent != data.Length)
            {
                throw new InvalidOperationException($"sendmsg: {sent}, error {Marshal.GetLastPInvokeError()}");
            }
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint sendmsg(int socket, Message* message, int flags);

    [StructLayout(LayoutKind.Sequential)]
    private struct Vector
    {
        public void* Base;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Message
    {
        public void* Name;
        public nuint NameLength;
        public Vector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public nint Flags;
    }
}
