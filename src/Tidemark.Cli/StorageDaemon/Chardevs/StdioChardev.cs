using Tidemark.Core.Channels;
using Tidemark.Io.Contract;

namespace Tidemark.Cli.StorageDaemon.Chardevs;

/// <summary>"stdio": one client, standard input and output; there is no second one after its end.</summary>
internal sealed class StdioChardev(string id, IoEngine engine) : Chardev(id)
{
    private ByteChannel? channel = engine.OpenStdio();

    public override string Where => "stdio";

    public override ValueTask<ByteChannel?> AcceptAsync()
    {
        var next = channel;
        channel = null;
        return new(next);
    }

    public override async ValueTask DisposeAsync()
    {
        if (channel is not null)
        {
            await channel.DisposeAsync();
        }
    }
}
