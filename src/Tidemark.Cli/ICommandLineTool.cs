using Tidemark.Cli.Terminal;

namespace Tidemark.Cli;

/// <summary>
/// Something that the executable can be: a drop-in tool (qemu-img) or a verb of tidemark (demo). One folder each; listed in
/// <see cref="BuiltinTools"/>.
/// </summary>
internal interface ICommandLineTool
{
    /// <summary>The name by which it is called: of the link, or the first argument.</summary>
    string Name { get; }

    /// <summary>What it takes, after its name, for the help ("DIR"). Empty when there is nothing to say.</summary>
    string Usage { get; }

    /// <summary>What it does, in a few words, for the help.</summary>
    string Summary { get; }

    /// <summary>Whether it takes the place of a program of the same name; `tidemark links` then makes a link for it.</summary>
    bool IsDropIn { get; }

    /// <summary>
    /// Does the work. <paramref name="arguments"/> come without the program's name. Returns the exit code of the process.
    /// Writes to <paramref name="console"/> only, which the caller flushes.
    /// </summary>
    int Run(string[] arguments, ToolConsole console);
}
