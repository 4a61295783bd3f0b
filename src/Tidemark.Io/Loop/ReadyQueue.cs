using System.Runtime.CompilerServices;

namespace Tidemark.Io.Loop;

/// <summary>
/// What is ready to run, in order: a ring of callback and state that grows by doubling and is never given back, so that
/// steady work allocates nothing. One thread only.
/// </summary>
internal sealed class ReadyQueue
{
    private Entry[] entries = new Entry[256];
    private int head;

    public int Count { get; private set; }

    /// <summary>Appends an <see cref="Action{T}"/> of object or a <see cref="SendOrPostCallback"/>.</summary>
    public void Add(Delegate callback, object? state)
    {
        if (Count == entries.Length)
        {
            Grow();
        }
        ref var entry = ref entries[(head + Count) & (entries.Length - 1)];
        entry.Callback = callback;
        entry.State = state;
        Count++;
    }

    /// <summary>Takes the oldest entry and runs it. The queue must not be empty.</summary>
    public void RunNext() => RunAt(0);

    /// <summary>Takes the entry that is <paramref name="index"/> behind the oldest and runs it; the simulator's way to shuffle.</summary>
    public void RunAt(int index)
    {
        ref var first = ref entries[head];
        if (index != 0)
        {
            ref var chosen = ref entries[(head + index) & (entries.Length - 1)];
            (first, chosen) = (chosen, first);
        }
        var (callback, state) = (first.Callback, first.State);
        first = default;
        head = (head + 1) & (entries.Length - 1);
        Count--;
        Invoke(callback, state);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Invoke(Delegate callback, object? state)
    {
        if (callback.GetType() == typeof(Action<object?>))
        {
            Unsafe.As<Action<object?>>(callback)(state);
        }
        else
        {
            ((SendOrPostCallback)callback)(state);
        }
    }

    private void Grow()
    {
        var larger = new Entry[entries.Length * 2];
        for (var i = 0; i < Count; i++)
        {
            larger[i] = entries[(head + i) & (entries.Length - 1)];
        }
        entries = larger;
        head = 0;
    }

    private struct Entry
    {
        public Delegate Callback;
        public object? State;
    }
}
