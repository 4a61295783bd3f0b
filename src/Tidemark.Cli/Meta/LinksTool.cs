using Tidemark.Cli.Terminal;

namespace Tidemark.Cli.Meta;

/// <summary>`tidemark links DIR`: makes a link for every drop-in tool, so that scripts find them by name.</summary>
internal sealed class LinksTool : ICommandLineTool
{
    /// <inheritdoc/>
    public string Name => "links";

    /// <inheritdoc/>
    public string Usage => "DIR";

    /// <inheritdoc/>
    public string Summary => "make the drop-in names in DIR, as links to this program";

    /// <inheritdoc/>
    public bool IsDropIn => false;

    /// <inheritdoc/>
    public int Run(string[] arguments, ToolConsole console)
    {
        if (arguments is not [var folder] || folder.StartsWith('-'))
        {
            console.Error.WriteLine("usage: tidemark links DIR");
            return 1;
        }

        try
        {
            _ = Directory.CreateDirectory(folder);
            foreach (var tool in BuiltinTools.All)
            {
                if (tool.IsDropIn)
                {
                    Link(Path.Combine(folder, tool.Name), console);
                }
            }

            return 0;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            console.Error.WriteLine($"tidemark: cannot make links in '{folder}': {failure.Message}");
            return 1;
        }
    }

    // Another program of that name is left alone; a link, ours or not, is a name and may be pointed elsewhere.
    private static void Link(string path, ToolConsole console)
    {
        var existing = new FileInfo(path);
        if (existing.LinkTarget is not null)
        {
            existing.Delete();
        }
        else if (existing.Exists)
        {
            throw new IOException($"{path} exists and is not a link");
        }

        _ = File.CreateSymbolicLink(path, Target());
        console.Out.WriteLine($"{path} -> {Target()}");
    }

    // The launcher names a path that stays the same when the program is built anew.
    private static string Target() =>
        Environment.GetEnvironmentVariable("TIDEMARK_PROGRAM")
        ?? Environment.ProcessPath
        ?? throw new IOException("this program's own path is not known");
}
