using Tidemark.Block.Contract;
using Tidemark.Cli.Options;

namespace Tidemark.Cli.Img;

/// <summary>-t and -T: cache modes by name.</summary>
internal static class CacheOption
{
    /// <summary>The mode; writeback if none is given. Throws "Invalid … option: x".</summary>
    public static CacheMode Parse(ParsedOptions options, string key, string what, string unlessGiven = "writeback") =>
        CacheMode.Find(options.Get(key) ?? unlessGiven)
        ?? throw new CommandException($"Invalid {what} option: {options.Get(key)}");
}
