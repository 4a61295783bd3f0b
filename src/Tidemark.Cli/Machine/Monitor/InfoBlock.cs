using System.Text;
using Tidemark.Block.Contract;
using Tidemark.Block.Graph;

namespace Tidemark.Cli.Machine.Monitor;

/// <summary>info block: the machine's disks, one of them, or with -n all nodes that have a name.</summary>
internal sealed class InfoBlock : IMonitorCommand
{
    public string Name => "block";

    public ValueTask RunAsync(HumanMonitor monitor, string arguments, StringBuilder output)
    {
        var graph = monitor.Machine.Context.Graph;
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
        foreach (var (name, node, isDevice) in options.Count > 0 ? Nodes(graph) : Devices(graph))
        {
            if (wanted.Count == 0 || wanted[0] == name || wanted[0] == node.Name)
            {
                // The reference parts entries that it leaves out, too.
                _ = isFirst ? output : output.Append('\n');
                Tell(output, name, node, isDevice);
            }
            isFirst = false;
        }
        return default;
    }

    private static IEnumerable<(string Name, BlockNode Node, bool IsDevice)> Devices(BlockGraph graph) =>
        graph.Backends.Where(static b => b.Name.Length > 0).Select(static b => (b.Name, b.Node, true));

    private static IEnumerable<(string Name, BlockNode Node, bool IsDevice)> Nodes(BlockGraph graph) =>
        graph.Nodes.Reverse().Where(static n => n.IsOpen).Select(static n => (n.Name, n, false));

    private static void Tell(StringBuilder output, string name, BlockNode node, bool isDevice)
    {
        var title = isDevice && node.Name != name ? $"{name} ({node.Name})" : name;
        var access = node.IsMarkedReadOnly ? ", read-only" : "";
        _ = output.Append($"{title}: {NodeFilename.Of(node)} ({node.Definition.Name}{access})\n");
        if (isDevice)
        {
            _ = output.Append("    Removable device: not locked, tray closed\n");
        }
        var direct = node.Options.CacheDirect ? ", direct" : "";
        var noFlush = node.Options.CacheNoFlush ? ", ignore flushes" : "";
        _ = output.Append($"    Cache mode:       writeback{direct}{noFlush}\n");
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
