using Tidemark.Control.Machine;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Machine;

/// <summary>query-status: what the machine is doing.</summary>
internal sealed partial class QueryStatus(GuestlessMachine machine)
    : QmpCommand<NoArguments, QueryStatus.StatusInfo>("query-status", NoArguments.Codec, StatusInfo.Codec)
{
    /// <summary>What it tells.</summary>
    [Schema]
    internal sealed partial record StatusInfo(bool Running, bool Singlestep, RunState Status);

    /// <inheritdoc/>
    protected override ValueTask<StatusInfo> RunAsync(NoArguments arguments) =>
        new(new StatusInfo(machine.IsRunning, Singlestep: false, machine.State));
}
