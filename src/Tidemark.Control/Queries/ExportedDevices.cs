using Tidemark.Block.Graph;

namespace Tidemark.Control.Queries;

/// <summary>
/// The nodes that are exported, seen as a guest's devices: what the daemon serves is what a guest has. The reference's daemon knows
/// no devices and answers with empty lists.
/// </summary>
internal static class ExportedDevices
{
    /// <summary>Each node once, with the device's name: the node's, also while a job's filter stands above it.</summary>
    public static IEnumerable<(string Device, BlockNode Node)> Of(ControlContext context) =>
        context
            .Exports.Exports.Reverse()
            .Select(export => (NameOf(export.Node), export.Node))
            .DistinctBy(static pair => pair.Item1, StringComparer.Ordinal);

    /// <summary>The node of the device of that name, or null.</summary>
    public static BlockNode? Find(ControlContext context, string device) =>
        Of(context).FirstOrDefault(pair => pair.Device == device).Node;

    private static string NameOf(BlockNode node)
    {
        while (node.Name.StartsWith('#') && node.FilteredChild is { } below)
        {
            node = below.Node;
        }
        return node.Name;
    }
}
