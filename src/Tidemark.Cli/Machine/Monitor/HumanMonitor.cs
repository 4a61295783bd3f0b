using System.Text;
using Tidemark.Cli.Terminal;
using Tidemark.Control.Machine;
using Tidemark.Core.Errors;

namespace Tidemark.Cli.Machine.Monitor;

/// <summary>Commands as people type them, one a line; lines of the answer end as a terminal wants them.</summary>
internal sealed class HumanMonitor(ToolConsole console, GuestlessMachine machine)
{
    private readonly IMonitorCommand[] commands = [new QemuIoCommand(), new InfoCommand()];

    /// <summary>What commands act upon.</summary>
    public GuestlessMachine Machine { get; } = machine;

    /// <summary>Standard output of the process, where qemu-io writes.</summary>
    public ToolConsole Console { get; } = console;

    /// <summary>Runs a line and gives what is to be read.</summary>
    public async ValueTask<string> RunAsync(string line)
    {
        var output = new StringBuilder();
        try
        {
            var (name, rest) = MonitorWords.First(line);
            if (name.Length > 0)
            {
                var command =
                    Array.Find(commands, c => c.Name == name) ?? throw new MonitorException($"unknown command: '{name}'");
                await command.RunAsync(this, rest, output);
            }
        }
        catch (MonitorException error)
        {
            _ = output.Append(error.Message).Append('\n');
        }
        catch (BlockException error)
        {
            _ = output.Append("Error: ").Append(error.Message).Append('\n');
        }
        return output.Replace("\n", "\r\n").ToString();
    }
}
