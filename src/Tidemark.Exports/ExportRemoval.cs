namespace Tidemark.Exports;

/// <summary>What removing an export does about its clients (QMP BlockExportRemoveMode).</summary>
public enum ExportRemoval
{
    /// <summary>Refused while there are any.</summary>
    Safe,

    /// <summary>They are cut off.</summary>
    Hard,
}
