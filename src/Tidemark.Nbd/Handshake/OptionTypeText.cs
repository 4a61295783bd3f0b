namespace Tidemark.Nbd.Handshake;

/// <summary>The options' names in messages.</summary>
internal static class OptionTypeText
{
    /// <summary>"list", "set meta context" and the like.</summary>
    public static string Describe(this OptionType option) =>
        option switch
        {
            OptionType.ExportName => "export name",
            OptionType.Abort => "abort",
            OptionType.List => "list",
            OptionType.StartTls => "starttls",
            OptionType.Info => "info",
            OptionType.Go => "go",
            OptionType.StructuredReply => "structured reply",
            OptionType.ListMetaContext => "list meta context",
            OptionType.SetMetaContext => "set meta context",
            OptionType.ExtendedHeaders => "extended headers",
            _ => "<unknown>",
        };
}
