using Tidemark.Cli.Terminal;

namespace Tidemark.Cli.Meta;

/// <summary>`tidemark help`: what the program is and what it can be asked.</summary>
internal sealed class HelpTool : ICommandLineTool
{
    private const int NameColumns = 26;

    /// <inheritdoc/>
    public string Name => "help";

    /// <inheritdoc/>
    public string Usage => "[COMMAND]";

    /// <inheritdoc/>
    public string Summary => "print this text, or the help of a command";

    /// <inheritdoc/>
    public bool IsDropIn => false;

    /// <inheritdoc/>
    public int Run(string[] arguments, ToolConsole console)
    {
        if (arguments is not [var name])
        {
            Print(console.Out);
            return 0;
        }

        if (BuiltinTools.Find(name) is { } tool)
        {
            return tool.IsDropIn ? tool.Run(["--help"], console.Renamed(name)) : PrintUsage(tool, console);
        }

        console.Error.WriteLine($"tidemark: '{name}' is not a tidemark command. See 'tidemark --help'.");
        return 1;
    }

    /// <summary>Writes the whole help to <paramref name="output"/>.</summary>
    public static void Print(TextWriter output)
    {
        output.Write(
            """
            Tidemark keeps track of what changes on a disk and backs up exactly that.

            Usage: tidemark COMMAND [ARGUMENTS]
                   qemu-img | qemu-io | qemu-storage-daemon [ARGUMENTS]   (through a link of that name)


            """
        );
        PrintGroup(
            output,
            "Drop-in tools (options and output of their namesakes, version " + VersionTool.Compatible + "):",
            dropIns: true
        );
        PrintGroup(output, "Tidemark's own:", dropIns: false);
        output.Write(
            """
            Start here:
              tidemark demo                  a disk is served, tracked, backed up, restored and proven; two minutes
              tidemark links ~/bin           then use qemu-img, qemu-io and qemu-storage-daemon from there
              tidemark qemu-img create -f qcow2 disk.qcow2 10G
              tidemark qemu-storage-daemon --help

            README.md has a worked example by hand; docs/ARCHITECTURE.md tells how it is made.

            """
        );
    }

    private static void PrintGroup(TextWriter output, string title, bool dropIns)
    {
        output.WriteLine(title);
        foreach (var tool in BuiltinTools.All)
        {
            if (tool.IsDropIn == dropIns)
            {
                output.WriteLine($"  {$"{tool.Name} {tool.Usage}".PadRight(NameColumns)} {tool.Summary}");
            }
        }

        output.WriteLine();
    }

    private static int PrintUsage(ICommandLineTool tool, ToolConsole console)
    {
        console.Out.WriteLine($"usage: tidemark {tool.Name} {tool.Usage}".TrimEnd());
        console.Out.WriteLine(tool.Summary);
        return 0;
    }
}
