using Tidemark.Control.Machine;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Machine;

/// <summary>query-name: the name that the machine was given.</summary>
internal sealed partial class QueryName(GuestlessMachine machine)
    : QmpCommand<NoArguments, QueryName.NameInfo>("query-name", NoArguments.Codec, NameInfo.Codec)
{
    /// <summary>What it tells.</summary>
    [Schema]
    internal sealed partial record NameInfo(string? Name = null);

    /// <inheritdoc/>
    protected override ValueTask<NameInfo> RunAsync(NoArguments arguments) => new(new NameInfo(machine.Name));
}
