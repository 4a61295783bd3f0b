using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Machine;

/// <summary>human-monitor-command: a line as people type it; the reply is what they would read.</summary>
internal sealed partial class HumanMonitorCommand(Func<string, ValueTask<string>> run)
    : QmpCommand<HumanMonitorCommand.Arguments, string>("human-monitor-command", Arguments.Codec, SchemaCodec.String)
{
    /// <summary>What it takes; there are no processors to choose from.</summary>
    [Schema]
    internal sealed partial record Arguments(string CommandLine, long? CpuIndex = null);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Features => ["savevm-monitor-nodes"];

    /// <inheritdoc/>
    protected override ValueTask<string> RunAsync(Arguments arguments) => run(arguments.CommandLine);
}
