namespace Tidemark.Nbd.Handshake;

/// <summary>The exports that a server offers. On the loop that serves them.</summary>
public abstract class ExportDirectory
{
    /// <summary>All exports, in the order in which NBD_OPT_LIST names them.</summary>
    public abstract IReadOnlyCollection<OfferedExport> List { get; }

    /// <summary>The export with exactly this name, or null.</summary>
    public abstract OfferedExport? Find(string name);
}
