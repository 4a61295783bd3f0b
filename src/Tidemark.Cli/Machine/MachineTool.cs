using Tidemark.Cli.Options;
using Tidemark.Cli.StorageDaemon;
using Tidemark.Cli.Terminal;
using Tidemark.Io.Contract;

namespace Tidemark.Cli.Machine;

/// <summary>
/// qemu-system-x86_64: a machine without a guest, so that management software can be tried out, and bitmaps migrate to and from
/// machines that have one.
/// </summary>
internal sealed class MachineTool : ControlTool
{
    public override string Name => "qemu-system-x86_64";

    public override string Summary => "be a machine without a guest";

    protected override ParsedOptions Parse(string[] arguments) => MachineOptions.Parse(arguments);

    protected override void PrintHelp(ToolConsole console) => MachineHelp.Print(console.Out);

    protected override void PrintVersion(ToolConsole console) => MachineHelp.PrintVersion(console.Out);

    protected override ControlProcess Create(IoEngine engine, ToolConsole console, bool isDetached) =>
        new MachineProcess(engine, console, isDetached);
}
