using System.Runtime.InteropServices;
using Tidemark.Cli.Meta;
using Tidemark.Cli.Terminal;

namespace Tidemark.Cli;

/// <summary>
/// The one executable. Called by the name of a drop-in tool (a link named qemu-img) it is that tool; called as tidemark,
/// its first argument names the tool or verb.
/// </summary>
internal static partial class Program
{
    private static int Main(string[] arguments)
    {
        int exitCode;
        using (var console = new ToolConsole(new FileDescriptorWriter(1), new FileDescriptorWriter(2), InvokedName.Read()))
        {
            exitCode = Dispatch(arguments, console);
        }
        // Everything is closed and written. The runtime's own way out would take as long again as a short command's work.
        _exit(exitCode);
        return exitCode;
    }

    /// <summary>Chooses the tool by the name that was called, else by the first argument, and runs it. Returns the exit code.</summary>
    internal static int Dispatch(string[] arguments, ToolConsole console)
    {
        if (BuiltinTools.Find(console.ProgramName) is { IsDropIn: true } called)
        {
            return called.Run(arguments, console);
        }

        if (arguments.Length == 0)
        {
            HelpTool.Print(console.Error);
            return 1;
        }

        var word = arguments[0] switch
        {
            "--help" or "-h" => "help",
            "--version" or "-V" => "version",
            var other => other,
        };
        if (BuiltinTools.Find(word) is { } tool)
        {
            return tool.Run(arguments[1..], tool.IsDropIn ? console.Renamed(tool.Name) : console);
        }

        console.Error.WriteLine($"tidemark: '{word}' is not a tidemark command. See 'tidemark --help'.");
        return 1;
    }

    [LibraryImport("libc")]
    private static partial void _exit(int status);
}
