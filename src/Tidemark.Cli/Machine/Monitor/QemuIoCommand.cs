using System.Text;
using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Cli.Io;
using Tidemark.Core.Errors;

namespace Tidemark.Cli.Machine.Monitor;

/// <summary>qemu-io: a command of that program on one of the machine's disks or nodes. It writes to the process's standard output.</summary>
internal sealed class QemuIoCommand : IMonitorCommand
{
    public string Name => "qemu-io";

    public async ValueTask RunAsync(HumanMonitor monitor, string arguments, StringBuilder output)
    {
        var words = MonitorWords.Split(arguments);
        if (words is ["-d", var device, ..])
        {
            throw new BlockException(BlockErrorKind.NotFound, $"Device '{device}' not found");
        }
        if (words.Count < 2)
        {
            throw MonitorException.Usage(Name, words.Count == 0 ? "block device name expected" : "string expected");
        }
        if (words.Count > 2)
        {
            throw MonitorException.Usage(Name, "extraneous characters at the end of line");
        }
        var graph = monitor.Machine.Context.Graph;
        var drive = graph.Backends.FirstOrDefault(b => b.Name.Length > 0 && b.Name == words[0]);
        var image = drive ?? BlockBackend.Create(graph.RequireNode(words[0]), BlockPermissions.None, BlockPermissions.All);
        try
        {
            await using var session = new IoSession(monitor.Console, graph, misaligned: false, image);
            await session.RunAsync(words[1]);
        }
        catch (BlockException error)
        {
            // The disk's own refusal stands as it is.
            throw new MonitorException(error.Message);
        }
        finally
        {
            monitor.Console.Flush();
            if (drive is null)
            {
                await image.DisposeAsync();
            }
        }
    }
}
