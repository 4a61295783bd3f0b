using Tidemark.Cli.Options;

namespace Tidemark.Cli.Img;

/// <summary>Options whose value is a number of bytes.</summary>
internal static class SizeOption
{
    /// <summary>The option's value, null if it was not given; throws <see cref="CommandException"/> that names it as <paramref name="what"/>.</summary>
    public static long? Parse(ParsedOptions options, string key, string what) =>
        options.Get(key) is { } text ? Parse(text, what) : null;

    /// <summary>As <see cref="Parse(ParsedOptions, string, string)"/>, for a text.</summary>
    public static long Parse(string text, string what) =>
        SizeParser.TryParse(text, out var bytes) switch
        {
            SizeParser.Fault.None => bytes,
            SizeParser.Fault.OutOfRange => throw new CommandException(
                $"Invalid {what} specified. Must be between 0 and {long.MaxValue}."
            ),
            _ => throw new CommandException(
                $"Invalid {what} specified. You may use k, M, G, T, P or E suffixes for\nqemu-img: kilobytes, megabytes, gigabytes, terabytes, petabytes and exabytes."
            ),
        };
}
