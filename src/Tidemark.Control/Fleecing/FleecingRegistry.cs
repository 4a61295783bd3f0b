using Tidemark.Block.Graph;
using Tidemark.Control.Events;
using Tidemark.Core.Errors;
using Tidemark.Qmp.Events;

namespace Tidemark.Control.Fleecing;

/// <summary>The disks that are being fleeced, by the names of the nodes that read their past. On the graph's loop.</summary>
internal sealed class FleecingRegistry(BlockGraph graph, QmpEventHub events)
{
    private readonly Dictionary<string, FleecingSession> sessions = new(StringComparer.Ordinal);

    /// <summary>All of them, the oldest first.</summary>
    public IEnumerable<FleecingSession> All => sessions.Values;

    /// <summary>Begins one. Throws <see cref="BlockException"/> with all as before.</summary>
    public async ValueTask<FleecingSession> StartAsync(BlockNode disk, FleecingArguments arguments)
    {
        var session = await FleecingSession.StartAsync(graph, disk, arguments);
        sessions.Add(session.Name, session);
        session.Copy.Broken = () => FleecingBroken.Publish(events, session.Name, session.Copy.BrokenStatus);
        return session;
    }

    /// <summary>Ends one. Throws <see cref="BlockException"/> when there is none of that name, or its past is in use.</summary>
    public async ValueTask StopAsync(string name)
    {
        var session =
            sessions.GetValueOrDefault(name)
            ?? throw new BlockException(BlockErrorKind.NotFound, $"Node '{name}' is not the access node of a fleecing");
        await session.StopAsync();
        _ = sessions.Remove(name);
    }
}
