using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Export;

/// <summary>query-block-exports: all exports, those that are ending among them.</summary>
internal sealed partial class QueryBlockExports(ControlContext context)
    : QmpCommand<NoArguments, IReadOnlyList<QueryBlockExports.Info>>(
        "query-block-exports",
        NoArguments.Codec,
        SchemaCodec.List(Info.Codec)
    )
{
    /// <summary>An export.</summary>
    [Schema(Name = "BlockExportInfo")]
    internal sealed partial record Info(string Id, ExportType Type, string NodeName, bool ShuttingDown);

    /// <summary>The kinds there are.</summary>
    [Schema(Name = "BlockExportType")]
    internal enum ExportType
    {
        Nbd,
    }

    /// <inheritdoc/>
    protected override ValueTask<IReadOnlyList<Info>> RunAsync(NoArguments arguments) =>
        new([
            .. context.Exports.Exports.Select(export => new Info(
                export.Id,
                ExportType.Nbd,
                export.Node.Name,
                export.IsShuttingDown
            )),
        ]);
}
