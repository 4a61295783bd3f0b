using Tidemark.Core.Async;
using Tidemark.Core.Errors;

namespace Tidemark.Block.Throttling;

/// <summary>A graph's throttle groups, by name. Belongs to the graph's loop.</summary>
public sealed class ThrottleGroups(LoopContext loop)
{
    private readonly Dictionary<string, ThrottleGroup> groups = new(StringComparer.Ordinal);

    /// <summary>The group of that name, or null.</summary>
    public ThrottleGroup? Find(string name) => groups.GetValueOrDefault(name);

    /// <summary>The group of that name; throws "Throttle group 'x' does not exist".</summary>
    public ThrottleGroup Require(string name) =>
        Find(name) ?? throw new BlockException(BlockErrorKind.NotFound, $"Throttle group '{name}' does not exist");

    /// <summary>Makes a group; its name is new. Throws <see cref="BlockException"/> for bounds that contradict one another.</summary>
    public ThrottleGroup Add(string name, ThrottleSettings settings)
    {
        settings.Check();
        var group = new ThrottleGroup(name, loop, settings);
        groups.Add(name, group);
        return group;
    }

    /// <summary>Takes a group away, which nobody uses.</summary>
    public void Remove(string name)
    {
        Invariant.That(!groups[name].IsInUse, "a group that is in use stays");
        _ = groups.Remove(name);
    }
}
