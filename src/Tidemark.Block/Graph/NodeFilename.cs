using System.Globalization;
using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Block.Graph;

/// <summary>The file name by which a node's image could be opened again: the plain name if that is enough, else a "json:" name.</summary>
public static class NodeFilename
{
    // The reference writes options in an order that only its tables know. It was observed, so that our names equal its names.
    private static readonly string[] Order =
    [
        "refcount-cache-size",
        "server.abstract",
        "inject-error.#.state",
        "bitmap.node",
        "bitmap.name",
        "opt-write-zero",
        "locking",
        "inject-error.#.immediately",
        "cache-size",
        "read-zeroes",
        "set-state.#.event",
        "server.str",
        "lazy-refcounts",
        "server.path",
        "pass-discard-snapshot",
        "server.host",
        "server.port",
        "inject-error.#.once",
        "max-write-zero",
        "pass-discard-other",
        "offset",
        "image",
        "data-file",
        "unshare-child-perms.#",
        "backing",
        "max-transfer",
        "cache-clean-interval",
        "throttle-group",
        "driver",
        "overlap-check.template",
        "l2-cache-entry-size",
        "pass-discard-request",
        "set-state.#.state",
        "overlap-check",
        "config",
        "take-child-perms.#",
        "inject-error.#.iotype",
        "filename",
        "size",
        "set-state.#.new_state",
        "inject-error.#.event",
        "inject-error.#.errno",
        "export",
        "l2-cache-size",
        "reconnect-delay",
        "cbw-timeout",
        "on-cbw-error",
        "server.type",
        "opt-discard",
        "x-dirty-bitmap",
        "tls-creds",
        "aio",
        "inject-error.#.sector",
        "open-timeout",
        "tls-hostname",
        "file",
        "target",
        "max-discard",
        "align",
    ];

    /// <summary>The name, for queries and messages.</summary>
    public static string Of(BlockNode node) =>
        node is { IsImplicit: true, FilteredChild: { } below } ? Of(below.Node)
        : IsNamedBelow(node) ? Of(node.PrimaryChild!.Node) // such a node has one
        : (HasOtherBacking(node) ? null : node.Driver.ExactFilename) ?? "json:" + Describe(node).ToJson();

    /// <summary>
    /// The file that the node's image lies in, to whose folder the names in the image are relative; null where there is none. What stands
    /// between (filters with options of their own) does not move it.
    /// </summary>
    public static string? OfStorage(BlockNode node)
    {
        for (var at = node; at is not null; at = at.PrimaryChild?.Node)
        {
            if (at.Driver.ExactFilename is { } name)
            {
                return name;
            }
        }
        return null;
    }

    /// <summary>The options that open the node's image again, children spelt out, the driver's own with dotted names.</summary>
    public static JsonObject Describe(BlockNode node)
    {
        if (node is { IsImplicit: true, FilteredChild: { } below })
        {
            // A filter that a job has put there is nobody's option.
            return Describe(below.Node);
        }
        var options = new List<(string Name, JsonValue Value)> { ("driver", node.Definition.Name) };
        foreach (var (name, value) in node.Options.DriverOptions)
        {
            if (
                name is not ("latency-ns" or "bottom" or "prealloc-align" or "prealloc-size")
                && !node.Definition.ChildNames.Contains(name, StringComparer.Ordinal)
            )
            {
                Flatten(options, name, value);
            }
        }
        var isOtherBacking = HasOtherBacking(node);
        foreach (var edge in node.Children)
        {
            if (isOtherBacking || (edge.Role & ChildRole.Cow) == 0)
            {
                options.Add((edge.Name, Describe(edge.Node)));
            }
        }
        if (isOtherBacking && node.BackingChild is null)
        {
            options.Add(("backing", JsonNull.Instance));
        }
        var result = new JsonObject();
        foreach (var (name, value) in options.OrderBy(static option => Rank(option.Name)))
        {
            result[name] = value;
        }
        return result;
    }

    /// <summary>Whether it is a filter that goes by the name of what it stands over, whatever that is.</summary>
    private static bool IsNamedBelow(BlockNode node) =>
        node.IsFilter
        && node.Driver.ExactFilename is { } name
        && node.PrimaryChild is { } below
        && name == below.Node.Driver.ExactFilename;

    /// <summary>Whether the node's backing file is another than its image names, so that the image's name alone would open something else.</summary>
    internal static bool HasOtherBacking(BlockNode node)
    {
        if (node.Driver is not IBackingFileDriver image)
        {
            return false;
        }
        if (node.BackingChild is null && !node.Options.DriverOptions.ContainsKey("backing"))
        {
            // Opened without its backing file, to look at this image alone.
            return false;
        }
        if (image.BackingFileName is not { } name || node.BackingChild is not { } backing)
        {
            return (image.BackingFileName is null) != (node.BackingChild is null);
        }
        try
        {
            var stored = FilenameParser.Resolve(OfStorage(node) ?? "", name);
            return stored != Of(backing.Node);
        }
        catch (BlockException)
        {
            // A relative name in an image without a path: nobody can say.
            return false;
        }
    }

    private static void Flatten(List<(string Name, JsonValue Value)> target, string name, JsonValue value)
    {
        switch (value)
        {
            case JsonObject members:
                foreach (var (inner, innerValue) in members)
                {
                    Flatten(target, $"{name}.{inner}", innerValue);
                }
                break;
            case JsonArray items:
                for (var i = 0; i < items.Count; i++)
                {
                    Flatten(target, string.Create(CultureInfo.InvariantCulture, $"{name}.{i}"), items[i]);
                }
                break;
            default:
                target.Add((name, value));
                break;
        }
    }

    private static int Rank(string name)
    {
        var parts = name.Split('.');
        for (var i = 1; i < parts.Length; i++)
        {
            if (parts[i].Length > 0 && char.IsAsciiDigit(parts[i][0]))
            {
                parts[i] = "#";
            }
        }
        var place = Array.IndexOf(Order, string.Join('.', parts));
        return place < 0 ? Order.Length : place;
    }
}
