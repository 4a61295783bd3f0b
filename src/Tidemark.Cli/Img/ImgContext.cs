using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Cli.Options;
using Tidemark.Cli.Session;
using Tidemark.Cli.Terminal;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;

namespace Tidemark.Cli.Img;

/// <summary>What a subcommand has in hand: where it writes, the graph, and how images are opened by its common options.</summary>
internal sealed class ImgContext(ToolConsole console, BlockGraph graph)
{
    /// <summary>Where it writes.</summary>
    public ToolConsole Console { get; } = console;

    /// <summary>Standard output.</summary>
    public TextWriter Out => Console.Out;

    /// <summary>The graph, empty at first.</summary>
    public BlockGraph Graph { get; } = graph;

    /// <summary>A message on standard error under the program's name.</summary>
    public void Complain(string message) => ToolSession.Report(Console, message, hint: null);

    /// <summary>
    /// Opens an image as a command's -f, --image-opts, -U and cache mode say. The caller releases it. Failures read "Could not
    /// open 'x': …", and end the command with <paramref name="exitCode"/>.
    /// </summary>
    public async Task<BlockNode> OpenAsync(string filename, string? format, ImgOpen how, int exitCode = 1)
    {
        var options = new JsonObject { ["read-only"] = !how.Writable };
        how.Cache.AddTo(options);
        if (how.Writable)
        {
            options["discard"] = how.Unmap ? "unmap" : "ignore";
        }
        if (how.ForceShare)
        {
            options["force-share"] = true;
        }
        try
        {
            var node = how.ImageOptions
                ? await OpenByOptionsAsync(filename, format, options, how)
                : await Graph.OpenFilenameAsync(filename, format, options, how.Defaults);
            if (format is null && !how.ImageOptions)
            {
                FormatWarning.PrintIfGuessed(Console, filename, node);
            }
            return node;
        }
        catch (BlockException error)
        {
            throw new ImgOpenException($"Could not open '{filename}': {error.Message}", error.Hint, exitCode);
        }
    }

    private async Task<BlockNode> OpenByOptionsAsync(string text, string? format, JsonObject options, ImgOpen how)
    {
        if (format is not null)
        {
            throw new CommandException("--image-opts and --format are mutually exclusive");
        }
        var given = KeyvalParser.ParseEither(text, "driver").Options;
        foreach (var (key, value) in options)
        {
            _ = given.TryAdd(key, value);
        }
        if (given.GetString("driver") is null && given.GetString("filename") is { } filename)
        {
            _ = given.Remove("filename");
            return await Graph.OpenFilenameAsync(filename, null, given, how.Defaults);
        }
        return await Graph.OpenAsync(given, how.Defaults);
    }
}
