using System.Text;

namespace Tidemark.Cli.Machine.Monitor;

/// <summary>A command of the human monitor; listed in <see cref="HumanMonitor"/>.</summary>
internal interface IMonitorCommand
{
    /// <summary>Its name.</summary>
    string Name { get; }

    /// <summary>
    /// Does it, with what follows the name, and writes what is to be read. Throws <see cref="MonitorException"/> with a line to be
    /// read as it stands, or <see cref="Core.Errors.BlockException"/> for one behind "Error: ".
    /// </summary>
    ValueTask RunAsync(HumanMonitor monitor, string arguments, StringBuilder output);
}
