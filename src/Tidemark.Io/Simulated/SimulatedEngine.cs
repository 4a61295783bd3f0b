using Tidemark.Core.Async;
using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Io.Contract;

namespace Tidemark.Io.Simulated;

/// <summary>The engine of a process of a <see cref="SimulatedMachine"/>.</summary>
public sealed class SimulatedEngine : IoEngine
{
    // Keeps the product's chance apart from the machine's: drawing more in one does not shift the other.
    private const int ProductStream = 0x5EED;

    private readonly SimulatedMachine machine;
    private readonly List<IAsyncDisposable> open = [];

    internal SimulatedEngine(SimulatedMachine machine, SimulatedLoop loop)
    {
        this.machine = machine;
        SimulatedLoop = loop;
        Random = new Random(machine.Seed ^ ProductStream);
    }

    /// <inheritdoc/>
    public override string Name => "simulated";

    /// <inheritdoc/>
    public override LoopContext Loop => SimulatedLoop;

    /// <inheritdoc/>
    public override Random Random { get; }

    /// <summary>The machine that it belongs to.</summary>
    public SimulatedMachine Machine => machine;

    /// <summary>How often its process has changed a file so far: 0 says that it has written nothing.</summary>
    public long Changes { get; internal set; }

    internal SimulatedLoop SimulatedLoop { get; }

    /// <summary>Whether its process is dead.</summary>
    internal bool IsDead => SimulatedLoop.IsDead || !machine.IsRunning;

    /// <inheritdoc/>
    public override async ValueTask<StorageFile> OpenFileAsync(string path, FileOpenOptions options)
    {
        await PauseAsync(SimulatedOperation.Open, path, $"Could not {(options.Create ? "create" : "open")} '{path}'");
        var inode = options.Create ? machine.FindOrCreate(path) : machine.Find(path);
        if (inode is null)
        {
            throw new BlockException(IoStatus.NotFound, $"Could not open '{path}'") { Path = path };
        }
        if (options.Truncate)
        {
            inode.Apply(new Change(ChangeKind.Size, 0, 0, null));
        }
        var file = new SimulatedFile(machine, this, inode, options);
        Track(file);
        return file;
    }

    /// <inheritdoc/>
    public override async ValueTask DeleteFileAsync(string path)
    {
        await PauseAsync(SimulatedOperation.Delete, path, $"Could not delete '{path}'");
        if (!machine.Remove(path))
        {
            throw new BlockException(IoStatus.NotFound, $"Could not delete '{path}'") { Path = path };
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<ByteChannel> ConnectAsync(SocketAddress address, CancellationToken cancel)
    {
        var failure = address switch
        {
            SocketAddress.Unix unix => $"Failed to connect to '{unix.Path}'",
            _ => $"Failed to connect to '{address}'",
        };
        await PauseAsync(SimulatedOperation.Connect, address.ToString()!, failure);
        cancel.ThrowIfCancellationRequested();
        return machine.Network.Connect(machine, this, address)
            ?? throw new BlockException(IoStatus.ConnectionRefused, failure) { Path = address.ToString() };
    }

    /// <inheritdoc/>
    public override ValueTask<ChannelListener> ListenAsync(SocketAddress address, int backlog)
    {
        try
        {
            return new(machine.Network.Listen(this, address));
        }
        catch (BlockException e)
        {
            return ValueTask.FromException<ChannelListener>(e);
        }
    }

    /// <summary>Not there: throws <see cref="BlockException"/>.</summary>
    public override ByteChannel OpenStdio() =>
        throw new BlockException(BlockErrorKind.NotSupported, "A simulated machine has no standard input");

    /// <inheritdoc/>
    public override async ValueTask<T> OffloadAsync<TState, T>(Func<TState, T> work, TState state)
    {
        await PauseAsync();
        var result = work(state);
        await PauseAsync();
        return result;
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        while (machine.HasRequestsOf(this))
        {
            await Loop.DelayAsync(machine.MaxLatency, CancellationToken.None);
        }
        foreach (var resource in open.ToArray())
        {
            await resource.DisposeAsync();
        }
    }

    internal void Track(IAsyncDisposable resource) => open.Add(resource);

    internal void Forget(IAsyncDisposable resource) => open.Remove(resource);

    /// <summary>The process is dead: what it had open is closed as a kernel closes it.</summary>
    internal void Abandon()
    {
        foreach (var resource in open.ToArray())
        {
            var closing = resource.DisposeAsync();
            Invariant.That(closing.IsCompletedSuccessfully, "a kernel closes at once");
        }
    }

    /// <summary>A task that never ends: what a dead process waits for.</summary>
    internal static ValueTask<T> Never<T>() => new Completion<T>().Task;

    /// <summary>Goes on at once or some time later, by chance; never again when the run is dead.</summary>
    internal ValueTask<bool> PauseAsync()
    {
        if (IsDead)
        {
            return Never<bool>();
        }
        if (machine.CompletesAtOnce())
        {
            return new(true);
        }
        var done = new Completion<bool>();
        SimulatedLoop.After(machine.Latency(), () => done.Set(true));
        return done.Task;
    }

    private async ValueTask PauseAsync(SimulatedOperation operation, string path, string failure)
    {
        _ = await PauseAsync();
        machine.Note(operation, 0, 0);
        var (status, crash) = machine.Faults.Next(operation, path);
        if (crash is { } kind)
        {
            machine.Crash(kind);
            _ = await Never<bool>();
        }
        if (status != IoStatus.Ok)
        {
            throw new BlockException(status, failure) { Path = path };
        }
    }
}
