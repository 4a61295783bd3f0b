using Tidemark.Cli.Terminal;
using Tidemark.Testing;

namespace Tidemark.Cli.Tests;

/// <summary>Runs our tools in this process, as their links would, and the real ones beside them.</summary>
internal static class Tool
{
    /// <summary>Ours, with what it printed.</summary>
    public static ProgramRun Ours(string name, params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        using var console = new ToolConsole(output, error, name);
        var exitCode = Program.Dispatch(arguments, console);
        return new ProgramRun(name, exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Checks that both print the same, and end with the same code; the real one must be installed.</summary>
    public static void MustAgree(string name, params string[] arguments)
    {
        var (ours, real) = (Ours(name, arguments), ProgramRun.Of(name, arguments));
        var line = $"{name} {string.Join(' ', arguments)}";
        Assert.Equal(
            $"{line}\n{real.Output}\n{real.Errors.Trim()}\n{real.ExitCode}",
            $"{line}\n{ours.Output}\n{ours.Errors.Trim()}\n{ours.ExitCode}"
        );
    }

    /// <summary>Whether the real ones are there.</summary>
    public static bool RealOnesAreInstalled { get; } = ProgramRun.Exists("qemu-img") && ProgramRun.Exists("qemu-io");
}
