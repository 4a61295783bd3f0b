using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Block.Graph;

/// <summary>
/// What a reopen may do to the options of a node: those that every node has, and those that its driver can change at work, may be
/// others; fewer still may be left out, to go back to their defaults. All others must be given again as they were.
/// </summary>
internal static class ReopenOptions
{
    private const string ForceShare = "force-share";

    // What NodeOptionsReader takes; the graph sees to these.
    private static readonly string[] OfEveryNode =
    [
        "driver",
        "read-only",
        "auto-read-only",
        "cache",
        "discard",
        "detect-zeroes",
        "active",
    ];

    /// <summary>Throws <see cref="BlockException"/> when the driver can't reopen, or an option is missing that has no way back.</summary>
    public static void CheckLeftOut(BlockNode node, JsonObject wanted)
    {
        var definition = node.Definition;
        if (!definition.CanReopen)
        {
            throw new BlockException(
                BlockErrorKind.NotSupported,
                $"Block format '{definition.Name}' used by node '{node.Name}' does not support reopening files"
            );
        }
        var given = Flatten(wanted).Select(static option => option.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, option, _) in Flatten(node.ExplicitOptions))
        {
            var hasWayBack =
                option == "node-name"
                || OfEveryNode.Contains(option, StringComparer.Ordinal)
                || definition.ResettableOptions.Contains(option, StringComparer.Ordinal)
                || definition.ChildNames.Contains(option, StringComparer.Ordinal);
            if (!hasWayBack && !given.Contains(name))
            {
                throw new BlockException(BlockErrorKind.InvalidOptions, $"Option '{name}' cannot be reset to its default value");
            }
        }
    }

    /// <summary>Throws <see cref="BlockException"/> ("Cannot change the option 'x'") for one that is another, or new.</summary>
    public static void CheckChanged(BlockNode node, JsonObject before, JsonObject wanted, bool isGiven)
    {
        var definition = node.Definition;
        var old = Flatten(before).ToDictionary(static o => o.Name, static o => o.Value, StringComparer.Ordinal);
        foreach (var (name, option, value) in Flatten(wanted))
        {
            var mayChange =
                OfEveryNode.Contains(option, StringComparer.Ordinal)
                || definition.ChangeableOptions.Contains(option, StringComparer.Ordinal)
                || definition.ChildNames.Contains(option, StringComparer.Ordinal);
            var isSame =
                option == "node-name"
                    ? value == node.Name && node.Options.NodeName is not null
                    : old.TryGetValue(name, out var was) && was == value;
            // The reference does not take this one back, whatever it says.
            if ((!mayChange && !isSame) || (name == ForceShare && isGiven))
            {
                throw new BlockException(BlockErrorKind.InvalidOptions, $"Cannot change the option '{name}'");
            }
        }
    }

    /// <summary>Throws <see cref="BlockException"/> when options for an image with a backing file, or that names one, do not say which it is to be.</summary>
    public static void CheckBacking(BlockNode node, JsonObject wanted)
    {
        var hasOne = node.BackingChild is not null || node.Driver is IBackingFileDriver { BackingFileName: not null };
        if (hasOne && !wanted.ContainsKey("backing"))
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, $"backing is missing for '{node.Name}'");
        }
    }

    /// <summary>
    /// The options of a child that was opened for the parent of <paramref name="edge"/>, which is reopened with
    /// <paramref name="parent"/> and of the child tells only the name: what the child was given itself, what the parent is given now and
    /// passes on, and what it has.
    /// </summary>
    public static NodeOptions Keep(BlockChild edge, NodeOptions parent)
    {
        var (child, given) = (edge.Node, parent.Explicit);
        var definition = ((IBlockParent)edge.Parent).ParentNode!.Definition; // a child's parent is a node
        var isCow = (edge.Role & ChildRole.Cow) != 0;
        var options = child.ExplicitOptions.DeepClone();
        _ = options.TryAdd("driver", child.Definition.Name);
        Inherit("read-only", isCow ? null : given, child.Options.ReadOnly);
        Inherit("auto-read-only", isCow ? null : given, child.Options.AutoReadOnly);
        Inherit("force-share", given, child.Options.ForceShare);
        if (definition.Kind == DriverKind.Filter && given.TryGetValue("discard", out var discard))
        {
            _ = options.TryAdd("discard", discard);
        }
        _ = options.TryAdd("discard", child.Options.Discard == DiscardMode.Unmap ? "unmap" : "ignore");
        var (cache, above) = (
            options.TryGetValue("cache", out var own) ? (JsonObject)own : new JsonObject(),
            given.TryGetValue("cache", out var parents) ? parents as JsonObject : null
        );
        InheritCache("direct", child.Options.CacheDirect);
        InheritCache("no-flush", child.Options.CacheNoFlush);
        options["cache"] = cache;
        return NodeOptionsReader.ForChild(options, definition, parent, edge.Role);

        void Inherit(string name, JsonObject? from, bool now) =>
            _ = options.TryAdd(name, from is not null && from.TryGetValue(name, out var value) ? value : now);

        void InheritCache(string name, bool now) =>
            _ = cache.TryAdd(name, above is not null && above.TryGetValue(name, out var value) ? value : now);
    }

    /// <summary>All values with their full names ("server.path", "inject-error.0.event") and the options that they are part of.</summary>
    private static IEnumerable<(string Name, string Option, string Value)> Flatten(JsonObject options)
    {
        return options.SelectMany(static member => Of(member.Key, member.Key, member.Value));

        static IEnumerable<(string, string, string)> Of(string name, string option, JsonValue value) =>
            value switch
            {
                JsonObject members => members.SelectMany(member => Of($"{name}.{member.Key}", option, member.Value)),
                JsonArray items => items
                    .Select(static (item, index) => (item, index))
                    .SelectMany(i => Of($"{name}.{i.index}", option, i.item)),
                // A command line spells values as text.
                JsonBool flag => [(name, option, flag.Value ? "on" : "off")],
                JsonString text => [(name, option, text.Value)],
                _ => [(name, option, value.ToString() ?? "")],
            };
    }
}
