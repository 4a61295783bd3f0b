namespace Tidemark.Nbd.Client;

/// <summary>What a client asks a server for.</summary>
/// <param name="ExportName">Name of the export, "" for the default one; up to 4096 bytes of UTF-8.</param>
/// <param name="Contexts">Metadata contexts to select, exact names. What the server hasn't is missing from <see cref="NbdClient.Contexts"/>.</param>
/// <param name="MaxStyle">The newest shape of headers to ask for.</param>
public sealed record NbdClientOptions(
    string ExportName,
    IReadOnlyList<string> Contexts,
    ReplyStyle MaxStyle = ReplyStyle.Extended
);
