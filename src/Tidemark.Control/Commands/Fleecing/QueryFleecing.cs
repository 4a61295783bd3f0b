using Tidemark.Core.Errors;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Fleecing;

/// <summary>x-tidemark-query-fleecing: the disks that are being fleeced.</summary>
internal sealed partial class QueryFleecing(ControlContext context)
    : QmpCommand<NoArguments, IReadOnlyList<QueryFleecing.Info>>(
        "x-tidemark-query-fleecing",
        NoArguments.Codec,
        SchemaCodec.List(Info.Codec)
    )
{
    /// <summary>One of them: the nodes, bytes of old data saved so far, and why the past is lost if it is.</summary>
    [Schema]
    internal sealed partial record Info(
        string AccessNodeName,
        string FilterNodeName,
        string Node,
        long SavedBytes,
        bool IsBroken,
        string? Error = null
    );

    /// <inheritdoc/>
    protected override ValueTask<IReadOnlyList<Info>> RunAsync(NoArguments arguments) =>
        new([
            .. context.Fleecing.All.Select(static session => new Info(
                session.Name,
                session.Filter.Name,
                session.Filter.FilteredChild?.Node.Name ?? throw Invariant.Unreachable("a filter stands over a node"),
                session.Copy.CopiedBytes,
                session.Copy.IsBroken,
                session.Copy.IsBroken ? session.Copy.BrokenStatus.Describe() : null
            )),
        ]);
}
