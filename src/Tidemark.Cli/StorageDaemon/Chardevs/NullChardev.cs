using Tidemark.Core.Channels;

namespace Tidemark.Cli.StorageDaemon.Chardevs;

/// <summary>"null": nobody ever comes.</summary>
internal sealed class NullChardev(string id) : Chardev(id)
{
    public override string Where => "null";

    public override ValueTask<ByteChannel?> AcceptAsync() => new((ByteChannel?)null);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
