using Tidemark.Cli.Options;

namespace Tidemark.Cli.Img;

/// <summary>--output: human or json.</summary>
internal static class OutputFormat
{
    /// <summary>Whether JSON is asked for; throws <see cref="CommandException"/> for an unknown format.</summary>
    public static bool IsJson(ParsedOptions options) =>
        options.Get("output") switch
        {
            null or "human" => false,
            "json" => true,
            _ => throw new CommandException("--output must be used with human or json as argument."),
        };
}
