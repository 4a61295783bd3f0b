using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;

namespace Tidemark.Jobs.Chain;

/// <summary>What the header of an image says of its backing file, and its writing.</summary>
internal static class ChainLink
{
    /// <summary>The backing format to write for <paramref name="node"/>; a protocol's own name goes only if the reader knows it.</summary>
    public static string FormatOf(BlockNode node, bool maskProtocol) =>
        maskProtocol && node.Definition.Kind == DriverKind.Protocol ? "raw" : node.Definition.Name;

    /// <summary>
    /// Makes a node that a job had opened for writing read-only again, at the job's end, when nobody is left to be told of a failure:
    /// what can't be flushed stays writable, with a warning.
    /// </summary>
    public static async ValueTask MakeReadOnlyAgainAsync(BlockNode node)
    {
        try
        {
            await node.Graph.SetReadOnlyAsync(node, readOnly: true);
        }
        catch (BlockException error)
        {
            node.Graph.Warn($"Node '{node.Name}' stays writable: {error.Message}");
        }
    }

    /// <summary>
    /// Writes name and format of the backing file into the image's header, durably, after all that was written to the image; one that is
    /// read-only is opened for writing meanwhile. Nodes that keep no such name are left alone. Throws <see cref="BlockException"/>.
    /// </summary>
    public static async ValueTask WriteAsync(BlockNode image, string? name, string? format)
    {
        if (image.Driver is not IBackingFileDriver driver)
        {
            return;
        }
        var wasReadOnly = image.IsReadOnly;
        if (wasReadOnly)
        {
            await image.Graph.SetReadOnlyAsync(image, readOnly: false);
        }
        try
        {
            var status = await image.FlushAsync();
            if (status != IoStatus.Ok)
            {
                throw new BlockException(status, "Could not flush the image");
            }
            await driver.ChangeBackingFileAsync(name, format);
        }
        finally
        {
            if (wasReadOnly)
            {
                await image.Graph.SetReadOnlyAsync(image, readOnly: true);
            }
        }
    }
}
