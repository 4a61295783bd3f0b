using System.Runtime.InteropServices;
using Tidemark.Core.Errors;
using Tidemark.Io.Loop;

namespace Tidemark.Io.Linux;

/// <summary>
/// An epoll set with an eventfd in it that wakes it from any other thread. Sources register once, edge-triggered. A slot's
/// generation is part of what the kernel gives back, so that an event of a descriptor that was closed in the same batch is
/// recognised and dropped.
/// </summary>
internal sealed unsafe class Poller : IDisposable
{
    private const int BatchSize = 128;
    private const uint WakeSlot = uint.MaxValue;

    // struct epoll_event is packed on x86-64 only.
    private static readonly int Stride = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int DataOffset = Stride - 8;

    private readonly int epoll;
    private readonly int wake;
    private readonly byte* batch;
    private Slot[] slots = new Slot[32];
    private int used;
    private int firstFree = -1;

    public Poller()
    {
        epoll = Libc.Check(Libc.EpollCreate(Libc.EPOLL_CLOEXEC), "epoll_create1");
        wake = Libc.Check(Libc.EventFd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK), "eventfd");
        batch = (byte*)NativeMemory.AllocZeroed((nuint)(BatchSize * 16));
        _ = Libc.Check(Control(Libc.EPOLL_CTL_ADD, wake, Libc.EPOLLIN | Libc.EPOLLET, WakeSlot), "epoll_ctl");
    }

    public void Add(int descriptor, uint events, PollSource source) =>
        Invariant.That(TryAdd(descriptor, events, source), "what is watched can tell when it is ready");

    /// <summary>As <see cref="Add"/>; false when the descriptor is of a kind that can't be watched, like a file.</summary>
    public bool TryAdd(int descriptor, uint events, PollSource source)
    {
        Invariant.That(source.Slot < 0, "a source is watched once");
        var index = firstFree;
        if (index >= 0)
        {
            firstFree = slots[index].NextFree;
        }
        else
        {
            index = used++;
            if (index == slots.Length)
            {
                Array.Resize(ref slots, used * 2);
            }
        }
        slots[index].Source = source;
        source.Slot = index;
        var data = ((ulong)slots[index].Generation << 32) | (uint)index;
        if (Control(Libc.EPOLL_CTL_ADD, descriptor, events, data) == 0)
        {
            return true;
        }
        var error = (int)Libc.LastError;
        Free(index);
        _ = error == Libc.EPERM ? 0 : Libc.Check(-1, "epoll_ctl");
        return false;
    }

    /// <summary>Forgets the source; before its descriptor is closed.</summary>
    public void Remove(int descriptor, PollSource source)
    {
        var index = source.Slot;
        if (index < 0)
        {
            return;
        }
        Free(index);
        _ = Libc.Check(Control(Libc.EPOLL_CTL_DEL, descriptor, 0, 0), "epoll_ctl");
    }

    /// <summary>Ends a <see cref="Poll"/> that sleeps. From any thread.</summary>
    public void Wake()
    {
        var one = 1UL;
        _ = Libc.Write(wake, &one, 8);
    }

    /// <summary>Waits at most <paramref name="timeoutMs"/> (-1: for ever) and tells each source what holds for it.</summary>
    public void Poll(int timeoutMs)
    {
        var count = Libc.EpollWait(epoll, batch, BatchSize, timeoutMs);
        if (count < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            Invariant.That(error == Libc.EINTR, "epoll_wait fails only by interruption");
            return;
        }
        for (var i = 0; i < count; i++)
        {
            var entry = batch + (i * Stride);
            var data = *(ulong*)(entry + DataOffset);
            var index = (uint)data;
            if (index == WakeSlot)
            {
                // Edge-triggered: each write is a new edge, so the counter need not be read back.
                continue;
            }
            ref var slot = ref slots[index];
            if (slot.Generation == (uint)(data >> 32))
            {
                slot.Source?.OnReady(*(uint*)entry);
            }
        }
    }

    public void Dispose()
    {
        _ = Libc.Close(wake);
        _ = Libc.Close(epoll);
        NativeMemory.Free(batch);
    }

    private void Free(int index)
    {
        slots[index].Source!.Slot = -1; // a slot in use has one
        slots[index].Source = null;
        slots[index].Generation++;
        slots[index].NextFree = firstFree;
        firstFree = index;
    }

    private int Control(int operation, int descriptor, uint events, ulong data)
    {
        var entry = stackalloc byte[16];
        *(uint*)entry = events;
        *(ulong*)(entry + DataOffset) = data;
        return Libc.EpollControl(epoll, operation, descriptor, entry);
    }

    private struct Slot
    {
        public PollSource? Source;
        public uint Generation;
        public int NextFree;
    }
}
