using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Cli.Options;
using Tidemark.Core.Errors;

namespace Tidemark.Cli.Img;

/// <summary>Makes a new image as create and convert ask for it.</summary>
internal static class ImageCreator
{
    /// <summary>The format; throws "Unknown file format 'x'".</summary>
    public static DriverDefinition RequireFormat(BlockGraph graph, string name) =>
        graph.Drivers.TryGet(name, out var format) ? format : throw new CommandException($"Unknown file format '{name}'");

    /// <summary>The options that <paramref name="format"/> takes for a file of this name; throws when it can't be made.</summary>
    public static CreateOptionList OptionsFor(BlockGraph graph, DriverDefinition format, string filename)
    {
        if (format.Creation is null)
        {
            throw new CommandException($"Format driver '{format.Name}' does not support image creation");
        }
        var protocol = graph.Drivers.FindByFilename(filename) ?? graph.Drivers.Require("file");
        if (protocol.Creation is null && format.Kind != DriverKind.Protocol)
        {
            throw new CommandException(
                $"Protocol driver '{protocol.Name}' does not support image creation, and opening the image failed"
            );
        }
        return new CreateOptionList(format, protocol);
    }

    /// <summary>Checks the backing file and takes the size from it where none is given.</summary>
    public static async Task CompleteAsync(BlockGraph graph, string filename, CreateOptionList list, bool trustBacking)
    {
        var backing = list["backing_file"];
        if (backing == filename)
        {
            throw new CommandException("Error: Trying to create an image with the same filename as the backing file");
        }
        if (!string.IsNullOrEmpty(backing) && !trustBacking)
        {
            await CheckBackingAsync(graph, filename, backing, list);
        }
        if (list["size"] is null)
        {
            throw new CommandException("Image creation needs a size parameter");
        }
    }

    private static async Task CheckBackingAsync(BlockGraph graph, string filename, string backing, CreateOptionList list)
    {
        BlockNode node;
        try
        {
            node = await graph.OpenFilenameAsync(
                FilenameParser.Resolve(filename, backing),
                list["backing_fmt"],
                // Only its size and format are looked at: someone may be writing to it.
                new() { ["read-only"] = true, ["force-share"] = true }
            );
        }
        catch (BlockException error)
        {
            throw new CommandException($"{error.Message}\nCould not open backing image.");
        }
        try
        {
            if (list["backing_fmt"] is null)
            {
                throw new CommandException(
                    $"Backing file specified without backing format\nDetected format of {node.Definition.Name}."
                );
            }
            if (list["size"] is null)
            {
                list.Set("size", node.SizeBytes.ToString());
            }
        }
        finally
        {
            await graph.ReleaseAsync(node);
        }
    }
}
