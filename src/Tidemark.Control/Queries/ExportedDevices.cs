using Tidemark.Block.Graph;
using Tidemark.Control.Machine;

namespace Tidemark.Control.Queries;

/// <summary>
/// The machine's drives, or in a daemon the nodes that are exported, seen as a guest's devices: what the daemon serves is what a guest has. The reference's daemon knows
/// no devices and answers with empty lists.
/// </summary>
internal static class ExportedDevices
{
    /// <summary>Each node once, however often it is exported.</summary>
    public static IEnumerable<ExportedDevice> Of(ControlContext context) =>
        context.Machine is { } machine ? OfMachine(machine) : OfExports(context);

    // A machine has drives of its own.
    private static IEnumerable<ExportedDevice> OfMachine(GuestlessMachine machine) =>
        machine.Devices.Drives.Select(static drive => new ExportedDevice(
            drive.Name,
            drive.Backend.HasMedium ? drive.Backend.Node : null,
            [drive.Backend.Accounting]
        )
        {
            Drive = drive,
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
        Of(context).FirstOrDefault(exported => exported.Name.Length > 0 && exported.Name == device)?.Node;

    private static string NameOf(BlockNode node)
    {
        while (node.Name.StartsWith('#') && node.FilteredChild is { } below)
        {
            node = below.Node;
        }
        return node.Name;
    }
}
