using Tidemark.Control.Devices;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Machine;

/// <summary>query-machines: the types of machine there are.</summary>
internal sealed partial class QueryMachines()
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
        bool Deprecated,
        string? Alias = null,
        bool? IsDefault = null
    );

    /// <inheritdoc/>
    protected override ValueTask<IReadOnlyList<MachineInfo>> RunAsync(NoArguments arguments) =>
        new([
            .. MachineType.All.Select(static type => new MachineInfo(
                type.Name,
                CpuMax: 1,
                HotpluggableCpus: false,
                NumaMemSupported: false,
                Deprecated: false,
                type.Alias,
                type == MachineType.All[0] ? true : null
            )),
        ]);
}
