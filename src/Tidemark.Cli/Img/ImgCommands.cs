namespace Tidemark.Cli.Img;

/// <summary>The subcommands of qemu-img: the one list to add a new one to.</summary>
internal static class ImgCommands
{
    /// <summary>All of them, by name.</summary>
    public static IReadOnlyList<IImgCommand> All { get; } =
    [
        new BitmapCommand(),
        new CheckCommand(),
        new CompareCommand(),
        new ConvertCommand(),
        new CreateCommand(),
        new InfoCommand(),
        new MapCommand(),
        new RebaseCommand(),
        new ResizeCommand(),
        new SnapshotCommand(),
    ];

    /// <summary>The subcommand of this name, or null.</summary>
    public static IImgCommand? Find(string name)
    {
        foreach (var command in All)
        {
            if (command.Name == name)
            {
                return command;
            }
        }
        return null;
    }
}
