using Tidemark.Cli.Options;
using Tidemark.Core.Schema;

namespace Tidemark.Cli.Img;

/// <summary>--object of the short commands: secrets are taken and checked; no driver of today asks for one.</summary>
internal static class ObjectOptions
{
    /// <summary>Checks each --object; throws <see cref="CommandException"/>.</summary>
    public static void Accept(ParsedOptions options)
    {
        foreach (var text in options.All("object"))
        {
            var described = KeyvalParser.ParseEither(text, "qom-type").Options;
            var type = described.GetString("qom-type") ?? throw new CommandException("Parameter 'qom-type' is missing");
            if (type != "secret")
            {
                throw new CommandException($"Parameter 'qom-type' does not accept value '{type}'");
            }
            if (described.GetString("id") is null)
            {
                throw new CommandException("Parameter 'id' is missing");
            }
        }
    }
}
