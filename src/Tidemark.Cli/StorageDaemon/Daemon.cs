using Tidemark.Cli.Options;
using Tidemark.Cli.Terminal;
using Tidemark.Io.Contract;

namespace Tidemark.Cli.StorageDaemon;

/// <summary>
/// qemu-storage-daemon at work. Most options are a QMP command's arguments, written key=value or as JSON; the rest is about the
/// process itself.
/// </summary>
internal sealed class Daemon(IoEngine engine, ToolConsole console, bool isDetached) : ControlProcess(engine, console, isDetached)
{
    /// <inheritdoc/>
    protected override ValueTask CarryOutAsync(ParsedOption option)
    {
        switch (option.Key)
        {
            case "":
                throw new CommandException("Unexpected argument");
            case "blockdev":
                return Context.Options.AddBlockdevAsync(WithoutHelp(option.Value));
            case "export":
                return Context.Options.AddExportAsync(WithoutHelp(option.Value));
            case "object":
                AddObject(option.Value);
                break;
            case "nbd-server":
                return Context.Options.StartNbdServerAsync(WithoutHelp(option.Value));
            case "chardev":
                return AddChardevAsync(option);
            case "monitor":
                AddMonitor(option.Value, MonitorMode.Control);
                break;
            case "trace":
                TraceOption.Apply(option, Complain);
                break;
        }
        return ValueTask.CompletedTask;
    }
}
