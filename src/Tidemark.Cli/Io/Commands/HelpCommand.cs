namespace Tidemark.Cli.Io.Commands;

/// <summary>help.</summary>
internal sealed class HelpCommand : IIoCommand
{
    public string Name => "help";

    public string? ShortName => "?";

    public string Syntax => "[command]";

    public string Summary => "help for one or all commands";

    public int MostWords => 1;

    public bool NeedsImage => false;

    public ValueTask<bool> RunAsync(IoSession session, IoWords words)
    {
        if (words.Rest.Count == 0)
        {
            foreach (var each in IoCommands.All)
            {
                session.Out.WriteLine(IoCommands.Line(each));
            }
            session.Out.WriteLine();
            session.Out.WriteLine("Use 'help commandname' for extended help.");
            return new(true);
        }
        if (IoCommands.Find(words.Rest[0]) is not { } command)
        {
            session.Out.WriteLine($"command {words.Rest[0]} not found");
            return new(true);
        }
        session.Out.WriteLine(IoCommands.Line(command, words.Rest[0]));
        if (command.Help is { } help)
        {
            session.Out.WriteLine();
            session.Out.WriteLine(help);
        }
        return new(true);
    }
}
