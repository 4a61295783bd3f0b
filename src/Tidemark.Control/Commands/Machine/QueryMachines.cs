using Tidemark.Control.Machine;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Machine;

/// <summary>query-machines: the types of machine there are, which is one.</summary>
internal sealed partial class QueryMachines(GuestlessMachine machine)
    : QmpCommand<NoArguments, IReadOnlyList<QueryMachines.MachineInfo>>(
        "query-machines",
        NoArguments.Codec,
        SchemaCodec.List(MachineInfo.Codec)
    )
{
    /// <summary>A type of machine.</summary>
    [Schema]
    internal sealed partial record MachineInfo(
        string Name,
        long CpuMax,
        bool HotpluggableCpus,
        bool NumaMemSupported,
        bool Deprecated
    );

    /// <inheritdoc/>
    protected override ValueTask<IReadOnlyList<MachineInfo>> RunAsync(NoArguments arguments) =>
        new([new MachineInfo(machine.Type, CpuMax: 1, HotpluggableCpus: false, NumaMemSupported: false, Deprecated: false)]);
}
