using Tidemark.Core.Channels;

namespace Tidemark.Cli.StorageDaemon.Chardevs;

/// <summary>A place where a monitor's clients come from: --chardev. Belongs to the daemon's loop.</summary>
internal abstract class Chardev(string id) : IAsyncDisposable
{
    /// <summary>By what the monitor names it.</summary>
    public string Id { get; } = id;

    /// <summary>Whether a monitor has it already.</summary>
    public bool IsTaken { get; set; }

    /// <summary>What it is, for people ("unix:/run/qmp,server=on").</summary>
    public abstract string Where { get; }

    /// <summary>The next client's channel; null when there will be no more.</summary>
    public abstract ValueTask<ByteChannel?> AcceptAsync();

    /// <summary>No more clients: an accept under way ends with null.</summary>
    public abstract ValueTask DisposeAsync();
}
