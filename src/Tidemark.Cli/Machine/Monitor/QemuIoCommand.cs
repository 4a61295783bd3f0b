using System.Text;
using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Cli.Io;
using Tidemark.Control.Devices;
using Tidemark.Core.Errors;
using Tidemark.Qmp.Errors;

namespace Tidemark.Cli.Machine.Monitor;

/// <summary>qemu-io: a command of that program on one of the machine's disks or nodes. It writes to the process's standard output.</summary>
internal sealed class QemuIoCommand : IMonitorCommand
{
    public string Name => "qemu-io";

    public async ValueTask RunAsync(HumanMonitor monitor, string arguments, StringBuilder output)
    {
        var words = MonitorWords.Split(arguments);
        var isDevice = words is ["-d", ..];
        if (isDevice)
        {
            words.RemoveAt(0);
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
        var drive = (isDevice ? DriveOf(monitor, words[0]) : monitor.Machine.Devices.FindDrive(words[0]))?.Backend;
        if (drive is { HasMedium: false })
        {
            throw new BlockException(BlockErrorKind.NotFound, "Device has no medium");
        }
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

    private static GuestDrive DriveOf(HumanMonitor monitor, string device)
    {
        try
        {
            return monitor.Machine.Devices.RequireDriveOf(device);
        }
        catch (QmpException error)
        {
            throw new BlockException(BlockErrorKind.NotFound, error.Message, error);
        }
    }
}
