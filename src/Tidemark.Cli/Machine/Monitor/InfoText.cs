using System.Text;
using Tidemark.Control.Machine;

namespace Tidemark.Cli.Machine.Monitor;

/// <summary>A topic of "info" that is a line of text, or nothing.</summary>
internal sealed class InfoText(string name, Func<GuestlessMachine, string?> tell) : IMonitorCommand
{
    public string Name => name;

    public ValueTask RunAsync(HumanMonitor monitor, string arguments, StringBuilder output)
    {
        if (arguments.Length > 0)
        {
            throw MonitorException.Usage($"info {name}", "extraneous characters at the end of line");
        }
        if (tell(monitor.Machine) is { } text)
        {
            _ = output.Append(text).Append('\n');
        }
        return default;
    }
}
