using Tidemark.Core.Json;

namespace Tidemark.Block.Graph;

/// <summary>The file name by which a node's image could be opened again: the plain name if that is enough, else a "json:" name.</summary>
public static class NodeFilename
{
    /// <summary>The name, for queries and messages.</summary>
    public static string Of(BlockNode node) => node.Driver.ExactFilename ?? "json:" + Describe(node).ToJson();

    /// <summary>The options that open the node's image again, children spelt out.</summary>
    public static JsonObject Describe(BlockNode node)
    {
        var options = new JsonObject { ["driver"] = node.Definition.Name };
        foreach (var (key, value) in node.Options.DriverOptions)
        {
            if (!node.Definition.ChildNames.Contains(key, StringComparer.Ordinal))
            {
                options[key] = value;
            }
        }
        foreach (var edge in node.Children)
        {
            if ((edge.Role & Contract.ChildRole.Cow) == 0)
            {
                options[edge.Name] = Describe(edge.Node);
            }
        }
        return options;
    }
}
