using System.Globalization;
using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Block.Create;

/// <summary>Makes a new image in a file: what "qemu-img create" does, and the commands that make their own target file.</summary>
public static class NewImage
{
    /// <summary>The format of this name; throws "Unknown file format 'x'".</summary>
    public static DriverDefinition RequireFormat(BlockGraph graph, string name) =>
        graph.Drivers.TryGet(name, out var format)
            ? format
            : throw new BlockException(BlockErrorKind.NotFound, $"Unknown file format '{name}'");

    /// <summary>The protocol of a file of this name; throws when an image of <paramref name="format"/> can't be made there.</summary>
    public static DriverDefinition RequireProtocol(BlockGraph graph, DriverDefinition format, string filename)
    {
        if (format.Creation is null)
        {
            throw NotSupported($"Format driver '{format.Name}' does not support image creation");
        }
        var protocol = graph.Drivers.FindByFilename(filename) ?? graph.Drivers.Require("file");
        return protocol.Creation is not null || format.Kind == DriverKind.Protocol
            ? protocol
            : throw NotSupported(
                $"Protocol driver '{protocol.Name}' does not support image creation, and opening the image failed"
            );
    }

    /// <summary>
    /// Looks at the backing file that the options name, as seen from the image's folder; where <paramref name="options"/> give no
    /// size the image gets its size. Throws <see cref="BlockException"/> with a text of two lines.
    /// </summary>
    public static async ValueTask CheckBackingAsync(BlockGraph graph, string filename, CreateOptionValues options)
    {
        if (options["backing_file"] is not { Length: > 0 } backing)
        {
            return;
        }
        BlockNode node;
        try
        {
            node = await graph.OpenFilenameAsync(
                FilenameParser.Resolve(filename, backing),
                options["backing_fmt"],
                // Only its size and format are looked at: someone may be writing to it.
                new() { ["read-only"] = true, ["force-share"] = true }
            );
        }
        catch (BlockException error)
        {
            throw new BlockException(error.Kind, $"{error.Message}\nCould not open backing image.");
        }
        try
        {
            if (options["backing_fmt"] is null)
            {
                throw new BlockException(
                    BlockErrorKind.InvalidOptions,
                    $"Backing file specified without backing format\nDetected format of {node.Definition.Name}."
                );
            }
            if (options["size"] is null)
            {
                options.SetChecked("size", node.SizeBytes.ToString(CultureInfo.InvariantCulture));
            }
        }
        finally
        {
            await graph.ReleaseAsync(node);
        }
    }

    /// <summary>
    /// Makes an image of <paramref name="sizeBytes"/>, over <paramref name="backing"/> if that is given, with all else at its
    /// default, and announces it as the reference does. Throws <see cref="BlockException"/> in the reference's words.
    /// </summary>
    public static async ValueTask CreateAsync(
        BlockGraph graph,
        string filename,
        string format,
        long sizeBytes,
        BlockNode? backing
    )
    {
        var definition = RequireFormat(graph, format);
        var options = new CreateOptionValues(definition, RequireProtocol(graph, definition, filename));
        options.SetChecked("size", sizeBytes.ToString(CultureInfo.InvariantCulture));
        if (backing is not null)
        {
            if (!options.Knows("backing_file"))
            {
                throw NotSupported($"Backing file not supported for file format '{format}'");
            }
            options.SetChecked("backing_file", NodeFilename.Of(backing));
            options.SetChecked("backing_fmt", backing.Definition.Name);
            if (options["backing_file"] == filename)
            {
                throw new BlockException(
                    BlockErrorKind.InvalidOptions,
                    "Error: Trying to create an image with the same filename as the backing file"
                );
            }
        }
        graph.Announce($"Formatting '{filename}', fmt={format}{options.Describe()}");
        await definition.Creation!.CreateFileAsync(graph, filename, options.ToOptions());
    }

    /// <summary>
    /// Opens such an image as an overlay, without its backing file, to be used like <paramref name="model"/>: writable if that is
    /// or it is the target of a copy (<paramref name="isTarget"/>), with its cache mode and its way with discards. Caller and errors as with <see cref="BlockGraph.OpenAsync"/>.
    /// </summary>
    public static ValueTask<BlockNode> OpenOverlayAsync(
        BlockGraph graph,
        string filename,
        string? format,
        string? nodeName,
        BlockNode model,
        bool isTarget = false
    )
    {
        var options = CacheOf(model);
        options["read-only"] = model.IsReadOnly && !isTarget;
        if (isTarget && format is not null && RequireFormat(graph, format).SupportsBacking)
        {
            // Its name says so as long as it lasts.
            options["backing"] = JsonNull.Instance;
        }
        options["discard"] = model.Options.Discard == DiscardMode.Unmap ? "unmap" : "ignore";
        if (nodeName is not null)
        {
            options["node-name"] = nodeName;
        }
        return graph.OpenFilenameAsync(filename, format, options, OpenDefaults.Reference with { OpenBacking = false });
    }

    /// <summary>
    /// Opens such an image as the target of a copy of <paramref name="model"/>: writable, with the model's cache mode, zeroes
    /// recognised and unmapped. Without <paramref name="format"/> its first bytes decide.
    /// </summary>
    public static ValueTask<BlockNode> OpenTargetAsync(
        BlockGraph graph,
        string filename,
        string? format,
        BlockNode model,
        bool withBacking,
        string? nodeName = null
    )
    {
        var options = CacheOf(model);
        options["discard"] = "unmap";
        options["detect-zeroes"] = "unmap";
        if (nodeName is not null)
        {
            options["node-name"] = nodeName;
        }
        return graph.OpenFilenameAsync(filename, format, options, OpenDefaults.Reference with { OpenBacking = withBacking });
    }

    private static JsonObject CacheOf(BlockNode model) =>
        new()
        {
            ["cache"] = new JsonObject { ["direct"] = model.Options.CacheDirect, ["no-flush"] = model.Options.CacheNoFlush },
        };

    private static BlockException NotSupported(string message) => new(BlockErrorKind.NotSupported, message);
}
