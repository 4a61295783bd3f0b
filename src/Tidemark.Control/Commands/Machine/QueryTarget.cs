using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Machine;

/// <summary>query-target: the processor that a guest would have.</summary>
internal sealed partial class QueryTarget()
    : QmpCommand<NoArguments, QueryTarget.TargetInfo>("query-target", NoArguments.Codec, TargetInfo.Codec)
{
    /// <summary>What it tells.</summary>
    [Schema]
    internal sealed partial record TargetInfo(string Arch);

    /// <inheritdoc/>
    protected override ValueTask<TargetInfo> RunAsync(NoArguments arguments) => new(new TargetInfo("x86_64"));
}
