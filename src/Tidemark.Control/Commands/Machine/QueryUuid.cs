using Tidemark.Control.Machine;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Machine;

/// <summary>query-uuid: the UUID that the machine was given, else zeroes.</summary>
internal sealed partial class QueryUuid(GuestlessMachine machine)
    : QmpCommand<NoArguments, QueryUuid.UuidInfo>("query-uuid", NoArguments.Codec, UuidInfo.Codec)
{
    /// <summary>What it tells.</summary>
    [Schema]
    internal sealed partial record UuidInfo([Wire("UUID")] string Uuid);

    /// <inheritdoc/>
    protected override ValueTask<UuidInfo> RunAsync(NoArguments arguments) => new(new UuidInfo(machine.Uuid.ToString()));
}
