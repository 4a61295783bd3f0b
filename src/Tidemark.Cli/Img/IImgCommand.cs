using Tidemark.Cli.Options;

namespace Tidemark.Cli.Img;

/// <summary>A subcommand of qemu-img; listed in <see cref="ImgCommands"/>.</summary>
internal interface IImgCommand
{
    /// <summary>Its name.</summary>
    string Name { get; }

    /// <summary>Its syntax after the name, for the help.</summary>
    string Usage { get; }

    /// <summary>What it does, in a few words.</summary>
    string Summary { get; }

    /// <summary>The options it takes.</summary>
    OptionParser Options { get; }

    /// <summary>Takes its arguments apart. Throws <see cref="UsageException"/>.</summary>
    ParsedOptions Parse(IReadOnlyList<string> arguments) => Options.Parse(arguments);

    /// <summary>Does it; returns the exit code. Throws <see cref="UsageException"/>, <see cref="CommandException"/> or BlockException.</summary>
    Task<int> RunAsync(ImgContext context, ParsedOptions options);
}
