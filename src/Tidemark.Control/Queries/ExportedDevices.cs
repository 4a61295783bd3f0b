using Tidemark.Block.Graph;

namespace Tidemark.Control.Queries;

/// <summary>
/// The nodes that are exported, seen as a guest's devices: what the daemon serves is what a guest has. The reference's daemon knows
/// no devices and answers with empty lists.
/// </summary>
internal static class ExportedDevices
{
    /// <summary>Each node once, however often it is exported.</summary>
    public static IEnumerable<ExportedDevice> Of(ControlContext context) =>
        context.Machine is null ? OfExports(context) : OfMachine(context);

    // A machine has devices of its own: the backends with names.
    private static IEnumerable<ExportedDevice> OfMachine(ControlContext context) =>
        context
            .Graph.Backends.Where(static backend => backend.Name.Length > 0)
            .Select(static backend => new ExportedDevice(backend.Name, backend.Node, [backend.Accounting])
            {
                IsRemovable = true,
            });

    private static IEnumerable<ExportedDevice> OfExports(ControlContext context) =>
        context
            .Exports.Exports.Reverse()
            .GroupBy(static export => NameOf(export.Node), StringComparer.Ordinal)
            .Select(static exports => new ExportedDevice(
                exports.Key,
                exports.First().Node,
                [.. exports.Select(static export => export.Accounting)]
            ));

    /// <summary>The node of the device of that name, or null.</summary>
    public static BlockNode? Find(ControlContext context, string device) =>
        Of(context).FirstOrDefault(exported => exported.Name == device)?.Node;

    private static string NameOf(BlockNode node)
    {
        while (node.Name.StartsWith('#') && node.FilteredChild is { } below)
        {
            node = below.Node;
        }
        return node.Name;
    }
}
