using Tidemark.Cli.Options;
using Tidemark.Cli.Session;
using Tidemark.Cli.Terminal;

namespace Tidemark.Cli.Img;

/// <summary>qemu-img: makes, shows, checks, copies and changes disk images.</summary>
internal sealed class ImgTool : ICommandLineTool
{
    public string Name => "qemu-img";

    public string Usage => "COMMAND [OPTIONS]";

    public string Summary => "make, show, check, copy and change disk images";

    public bool IsDropIn => true;

    public int Run(string[] arguments, ToolConsole console)
    {
        if (arguments.Length == 0)
        {
            return Fail(console, "Not enough arguments");
        }
        switch (arguments[0])
        {
            case "-V" or "--version":
                ImgHelp.PrintVersion(console.Out);
                return 0;
            case "-h" or "--help":
                ImgHelp.Print(console.Out);
                return 0;
        }
        if (arguments[0].StartsWith('-'))
        {
            return Fail(console, $"unrecognized option '{arguments[0]}'");
        }
        var command = ImgCommands.Find(arguments[0]);
        return command is null ? Fail(console, $"Command not found: {arguments[0]}") : Run(command, arguments[1..], console);
    }

    private static int Run(IImgCommand command, string[] arguments, ToolConsole console)
    {
        try
        {
            if (arguments is ["-h" or "--help", ..])
            {
                ImgHelp.Print(console.Out);
                return 0;
            }
            var options = command.Parse(arguments);
            return ToolSession.Run(console, graph => RunAsync(command, options, new ImgContext(console, graph)));
        }
        catch (UsageException error)
        {
            return Fail(console, error.Message);
        }
    }

    private static async Task<int> RunAsync(IImgCommand command, ParsedOptions options, ImgContext context)
    {
        try
        {
            return await command.RunAsync(context, options);
        }
        catch (ImgOpenException error)
        {
            ToolSession.Report(context.Console, error.Message, error.Hint);
            return error.ExitCode;
        }
    }

    private static int Fail(ToolConsole console, string message)
    {
        ToolSession.Report(console, message, $"Try '{console.ProgramName} --help' for more information");
        return 1;
    }
}
