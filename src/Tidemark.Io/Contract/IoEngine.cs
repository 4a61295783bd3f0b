using Tidemark.Core.Async;
using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Io.Descriptors;

namespace Tidemark.Io.Contract;

/// <summary>
/// The world as the product's code may reach it: files, sockets, time, chance and workers, all belonging to one loop. The
/// real ones talk to the kernel; the simulated one replays a seed. All members on the loop's thread.
/// </summary>
public abstract class IoEngine : IAsyncDisposable
{
    /// <summary>"linux", "pool" or "simulated".</summary>
    public abstract string Name { get; }

    /// <summary>The loop on which everything of this engine completes.</summary>
    public abstract LoopContext Loop { get; }

    /// <summary>The loop's clock.</summary>
    public TimeProvider Time => Loop.Time;

    /// <summary>Chance, seeded.</summary>
    public abstract Random Random { get; }

    /// <summary>The descriptors that clients pass; null where none can.</summary>
    public DescriptorStore? Descriptors { get; set; }

    /// <summary>
    /// Whether options may name descriptors by number: those that the process was started with. A process that takes commands knows only
    /// those that it is passed.
    /// </summary>
    public bool TakesInherited { get; set; } = true;

    /// <summary>
    /// The socket that the type "fd" of an address names: one that a client has passed, which is then its user's, or one that the process
    /// was started with. Throws <see cref="BlockException"/>.
    /// </summary>
    public SocketAddress.Descriptor FindDescriptor(string name) =>
        Descriptors is { } store ? new(store.Take(name), name)
        : TakesInherited ? new(DescriptorStore.ParseInherited(name))
        : throw new BlockException(BlockErrorKind.NotSupported, "only QEMU supports file descriptor passing");

    /// <summary>Opens or creates a file or block device; throws <see cref="BlockException"/> whose status is the errno.</summary>
    public abstract ValueTask<StorageFile> OpenFileAsync(string path, FileOpenOptions options);

    /// <summary>Removes a file; a missing one is an error like any other. Throws <see cref="BlockException"/>.</summary>
    public abstract ValueTask DeleteFileAsync(string path);

    /// <summary>Connects a stream socket; throws <see cref="BlockException"/> whose status is the errno.</summary>
    public abstract ValueTask<ByteChannel> ConnectAsync(SocketAddress address, CancellationToken cancel);

    /// <summary>
    /// The stream behind a descriptor that is open already, whatever it is: a connected socket, one end of a pipe, a file, a device. It is
    /// the engine's from now on. Throws <see cref="BlockException"/>, also where there are no descriptors (in simulation).
    /// </summary>
    public virtual ByteChannel Adopt(SocketAddress.Descriptor descriptor) =>
        throw new BlockException(BlockErrorKind.NotSupported, "Descriptors can't be used here");

    /// <summary>Listens; throws <see cref="BlockException"/> whose status is the errno.</summary>
    public abstract ValueTask<ChannelListener> ListenAsync(SocketAddress address, int backlog);

    /// <summary>Standard input and output of the process as one channel; one at a time.</summary>
    public abstract ByteChannel OpenStdio();

    /// <summary>
    /// Runs <paramref name="command"/> by the shell; what is sent is its standard input, what it writes to standard output is
    /// received. Closing waits for its end. Throws <see cref="BlockException"/>, also where there are no processes (in simulation).
    /// </summary>
    public virtual ByteChannel StartCommand(string command) =>
        throw new BlockException(BlockErrorKind.NotSupported, "Commands can't be run here");

    /// <summary>
    /// Runs <paramref name="work"/>, which needs no graph, on another thread (one per core) and comes back to the loop with its
    /// result. In simulation it runs in its turn on the loop.
    /// </summary>
    public abstract ValueTask<T> OffloadAsync<TState, T>(Func<TState, T> work, TState state);

    /// <summary>Closes what is still open and stops the workers.</summary>
    public abstract ValueTask DisposeAsync();
}
