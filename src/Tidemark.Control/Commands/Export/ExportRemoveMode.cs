using Tidemark.Core.Schema;
using Tidemark.Exports;

namespace Tidemark.Control.Commands.Export;

/// <summary>What removing an export does about its clients (BlockExportRemoveMode).</summary>
[Schema(Name = "BlockExportRemoveMode")]
internal enum ExportRemoveMode
{
    Safe,
    Hard,
}

/// <summary>From the wire's terms to the exports'.</summary>
internal static class ExportRemovalOf
{
    public static ExportRemoval Mode(ExportRemoveMode? mode) =>
        mode == ExportRemoveMode.Hard ? ExportRemoval.Hard : ExportRemoval.Safe;
}
