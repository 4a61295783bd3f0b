using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Cli.Session;
using Tidemark.Cli.Terminal;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Cli.Io;

/// <summary>Opens an image as qemu-io's options say.</summary>
internal static class ImageOpener
{
    /// <summary>Opens it; the caller releases the node. Throws <see cref="BlockException"/>.</summary>
    public static async ValueTask<BlockNode> OpenAsync(BlockGraph graph, ToolConsole console, string? filename, IoOpen how)
    {
        if (how.CopyOnRead)
        {
            throw new BlockException(BlockErrorKind.NotSupported, "copy-on-read is not supported");
        }
        if (!how.Snapshot)
        {
            return await OpenOneAsync(graph, console, filename, how, how.ReadOnly);
        }
        var image = await OpenOneAsync(graph, console, filename, how, readOnly: true);
        try
        {
            return await SnapshotImage.CreateAsync(graph, image);
        }
        finally
        {
            await graph.ReleaseAsync(image);
        }
    }

    private static async ValueTask<BlockNode> OpenOneAsync(
        BlockGraph graph,
        ToolConsole console,
        string? filename,
        IoOpen how,
        bool readOnly
    )
    {
        var options = how.Options?.DeepClone() ?? [];
        SetUnlessGiven(options, "read-only", readOnly);
        SetUnlessGiven(options, "discard", how.Discard);
        if (how.ForceShare)
        {
            SetUnlessGiven(options, "force-share", true);
        }
        if (!options.ContainsKey("cache"))
        {
            how.Cache.AddTo(options);
        }
        var format = how.Format;
        if (options.GetString("driver") is { } driver)
        {
            format = driver;
            _ = options.Remove("driver");
        }
        if (filename is null && options.GetString("filename") is { } inner && format is null)
        {
            _ = options.Remove("filename");
            filename = inner;
        }
        if (filename is null)
        {
            if (format is not null)
            {
                options["driver"] = format;
            }
            return await graph.OpenAsync(options, OpenDefaults.Reference);
        }
        if (how.Aio is not null)
        {
            AskForAio(graph, ref filename, how, options);
        }
        var node = await graph.OpenFilenameAsync(filename, format, options);
        if (format is null)
        {
            FormatWarning.PrintIfGuessed(console, filename, node);
        }
        return node;
    }

    // The option is the file's, so the name has to be spelt out as the node that it stands for.
    private static void AskForAio(BlockGraph graph, ref string filename, IoOpen how, JsonObject options)
    {
        if (how.Aio == "native" && !how.Cache.Direct)
        {
            throw new BlockException(
                BlockErrorKind.InvalidOptions,
                "aio=native was specified, but it requires cache.direct=on, which was not specified."
            );
        }
        if (FilenameParser.TryParseJson(filename) is not null)
        {
            return;
        }
        var protocol = FilenameParser.ToOptions(graph.Drivers, filename);
        if (protocol.GetString("driver") is not ("file" or "host_device"))
        {
            return;
        }
        protocol["aio"] = how.Aio!; // only called with one
        filename = "json:" + new JsonObject { ["file"] = protocol }.ToJson();
        _ = options.TryAdd("driver", how.Format ?? "raw");
    }

    private static void SetUnlessGiven(JsonObject options, string name, JsonValue value) => _ = options.TryAdd(name, value);
}
