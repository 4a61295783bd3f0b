using System.Text;
using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Block.Throttling;
using Tidemark.Control.Devices;
using Tidemark.Core.Errors;

namespace Tidemark.Cli.Machine.Monitor;

/// <summary>info block: the machine's drives, one of them, or with -n all nodes that have a name.</summary>
internal sealed class InfoBlock : IMonitorCommand
{
    public string Name => "block";

    public ValueTask RunAsync(HumanMonitor monitor, string arguments, StringBuilder output)
    {
        var words = MonitorWords.Split(arguments);
        var options = words.TakeWhile(static w => w.StartsWith('-')).ToList();
        if (options.Find(static o => o != "-n") is { } unknown)
        {
            throw MonitorException.Usage("info block", $"unsupported option '{unknown}'");
        }
        var wanted = words.Skip(options.Count).ToList();
        if (wanted.Count > 1)
        {
            throw MonitorException.Usage("info block", "extraneous characters at the end of line");
        }
        var isFirst = true;
        foreach (var (name, node, drive) in options.Count > 0 ? Nodes(monitor) : Drives(monitor))
        {
            if (wanted.Count == 0 || wanted[0] == name || wanted[0] == node?.Name)
            {
                // The reference parts entries that it leaves out, too.
                _ = isFirst ? output : output.Append('\n');
                Tell(output, name, node, drive);
            }
            isFirst = false;
        }
        return default;
    }

    private static IEnumerable<(string Name, BlockNode? Node, GuestDrive? Drive)> Drives(HumanMonitor monitor)
    {
        foreach (var drive in monitor.Machine.Devices.Drives)
        {
            var node = drive.Backend.HasMedium ? drive.Backend.Node : null;
            var name = drive.Name.Length > 0 ? drive.Name : node?.Name ?? drive.Device?.BlockId ?? "";
            yield return (name, node, drive);
        }
    }

    private static IEnumerable<(string Name, BlockNode? Node, GuestDrive? Drive)> Nodes(HumanMonitor monitor) =>
        monitor
            .Machine.Context.Graph.Nodes.Reverse()
            .Where(static n => n.IsOpen)
            .Select(static n => (n.Name, (BlockNode?)n, (GuestDrive?)null));

    private static void Tell(StringBuilder output, string name, BlockNode? node, GuestDrive? drive)
    {
        if (node is null)
        {
            _ = output.Append($"{name}: [not inserted]\n");
        }
        else
        {
            var title = drive is not null && node.Name != name ? $"{name} ({node.Name})" : name;
            var access = node.IsMarkedReadOnly ? ", read-only" : "";
            _ = output.Append($"{title}: {NodeFilename.Of(node)} ({node.Definition.Name}{access})\n");
        }
        if (drive is not null)
        {
            TellDrive(output, drive);
        }
        if (node is not null)
        {
            TellNode(output, node, drive);
        }
    }

    private static void TellDrive(StringBuilder output, GuestDrive drive)
    {
        if (drive.Device is { } device)
        {
            _ = output.Append($"    Attached to:      {device.BlockId}\n");
        }
        if (drive.Failure != IoStatus.Ok)
        {
            _ = output.Append($"    I/O status:       {(drive.Failure == IoStatus.NoSpace ? "nospace" : "failed")}\n");
        }
        if (drive.IsRemovable)
        {
            var tray = drive.Device is { IsTrayOpen: true } ? "open" : "closed";
            _ = output.Append($"    Removable device: not locked, tray {tray}\n");
        }
    }

    private static void TellNode(StringBuilder output, BlockNode node, GuestDrive? drive)
    {
        var writes = drive is { Backend.WritesThrough: true } ? "writethrough" : "writeback";
        var direct = node.Options.CacheDirect ? ", direct" : "";
        var noFlush = node.Options.CacheNoFlush ? ", ignore flushes" : "";
        _ = output.Append($"    Cache mode:       {writes}{direct}{noFlush}\n");
        if (node.BackingChild is { } backing)
        {
            _ = output.Append($"    Backing file:     {NodeFilename.Of(backing.Node)} (chain depth: {Depth(node)})\n");
        }
        if (node.Options.DetectZeroes != DetectZeroesMode.Off)
        {
            _ = output.Append(
                $"    Detect zeroes:    {(node.Options.DetectZeroes == DetectZeroesMode.Unmap ? "unmap" : "on")}\n"
            );
        }
        if (drive?.Throttle is { } throttle)
        {
            TellBounds(output, throttle.Group);
        }
    }

    private static void TellBounds(StringBuilder output, ThrottleGroup group)
    {
        var settings = group.Settings;
        _ = output.Append("    I/O throttling:  ");
        foreach (var (name, total) in new[] { ("bps", ThrottleBucket.BpsTotal), ("iops", ThrottleBucket.IopsTotal) })
        {
            _ = output
                .Append($" {name}={settings[total].Average} {name}_rd={settings[total + 1].Average}")
                .Append($" {name}_wr={settings[total + 2].Average} {name}_max={settings[total].Burst}")
                .Append($" {name}_rd_max={settings[total + 1].Burst} {name}_wr_max={settings[total + 2].Burst}");
        }
        _ = output.Append($" iops_size={settings.IopsSize} group={group.Name}\n");
    }

    private static int Depth(BlockNode node)
    {
        var depth = 0;
        for (var at = node.NextInChain; at is not null; at = at.NextInChain)
        {
            depth++;
        }
        return depth;
    }
}
