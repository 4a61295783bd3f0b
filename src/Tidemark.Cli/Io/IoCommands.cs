using Tidemark.Cli.Io.Commands;

namespace Tidemark.Cli.Io;

/// <summary>The commands of qemu-io, in the order of its help: the one list to add a new one to.</summary>
internal static class IoCommands
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<IIoCommand> All { get; } =
    [
        new AbortCommand(),
        new AioFlushCommand(),
        new AioReadCommand(),
        new AioWriteCommand(),
        new AllocCommand(),
        new BreakCommand(),
        new CloseCommand(),
        new DiscardCommand(),
        new FlushCommand(),
        new HelpCommand(),
        new InfoCommand(),
        new LengthCommand(),
        new MapCommand(),
        new OpenCommand(),
        new QuitCommand(),
        new ReadCommand(),
        new ReadvCommand(),
        new RemoveBreakCommand(),
        new ReopenCommand(),
        new ResumeCommand(),
        new SigraiseCommand(),
        new SleepCommand(),
        new TruncateCommand(),
        new WaitBreakCommand(),
        new WriteCommand(),
        new WritevCommand(),
    ];

    /// <summary>The command of this name or short name, or null.</summary>
    public static IIoCommand? Find(string name) => All.FirstOrDefault(c => c.Name == name || c.ShortName == name);

    /// <summary>"read [-q] off len -- reads …", under the name by which it was asked for.</summary>
    public static string Line(IIoCommand command, string? name = null) =>
        $"{name ?? command.Name} {command.Syntax}{(command.Syntax.Length > 0 ? " " : "")}-- {command.Summary}";
}
