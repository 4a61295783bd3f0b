using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Block.Contract;

public sealed partial class NodeOpenContext
{
    /// <summary>
    /// Attaches the backing file: the one that the options give ("backing": a node, inline options, or null for none), else
    /// the one that the image names, if images' references are followed. Null when there is none. Throws
    /// <see cref="BlockException"/>, also for a chain that comes back to itself.
    /// </summary>
    /// <param name="imageFilename">File name of the image, to which a relative name is relative.</param>
    /// <param name="backingName">The name in the image, or null.</param>
    /// <param name="backingFormat">The format in the image, or null to find out.</param>
    public async ValueTask<BlockChild?> AttachBackingAsync(string? imageFilename, string? backingName, string? backingFormat)
    {
        if (Options.DriverOptions.TryGetValue("backing", out var reference))
        {
            // Command lines say "" for none, QMP says null.
            return reference is JsonNull or JsonString { Value: "" } ? null : await AttachGivenBackingAsync(reference);
        }
        if (string.IsNullOrEmpty(backingName) || !Defaults.OpenBacking)
        {
            return null;
        }
        if (!Defaults.FollowImageReferences)
        {
            throw new BlockException(
                BlockErrorKind.AccessDenied,
                $"The image names the backing file '{backingName}', which untrusted images may not: give it as an option if it is right"
            );
        }
        var node = await OpenBackingAsync(imageFilename ?? "", backingName, backingFormat);
        try
        {
            return Graph.AttachWhileOpening(Node, "backing", ChildRole.Cow, node);
        }
        finally
        {
            await Graph.ReleaseAsync(node);
        }
    }

    private async ValueTask<BlockChild> AttachGivenBackingAsync(JsonValue reference)
    {
        try
        {
            return await AttachReferenceAsync("backing", ChildRole.Cow, reference);
        }
        catch (BlockException error)
        {
            throw error.Prefixed("Could not open backing file");
        }
    }

    private async ValueTask<BlockNode> OpenBackingAsync(string imageFilename, string backingName, string? backingFormat)
    {
        try
        {
            var filename = FilenameParser.Resolve(imageFilename, backingName);
            string[] chain = [.. Defaults.Chain, Identify(imageFilename), Identify(filename)];
            if (Defaults.Chain.Contains(chain[^1], StringComparer.Ordinal) || chain[^1] == chain[^2])
            {
                throw new BlockException(BlockErrorKind.Corrupt, $"The backing chain comes back to '{filename}'");
            }
            if (chain.Length > Block.Limits.ChainLength)
            {
                throw new BlockException(
                    BlockErrorKind.Corrupt,
                    $"The backing chain is longer than {Block.Limits.ChainLength} images"
                );
            }
            return await Graph.OpenBackingAsync(
                Node,
                Options,
                filename,
                backingFormat,
                Defaults with
                {
                    Chain = [.. chain.SkipLast(1)],
                }
            );
        }
        catch (BlockException error)
        {
            throw error.Prefixed("Could not open backing file");
        }
    }

    // An image may have no file name of its own: it lies in a window of a file (raw with an offset or a size).
    private static string Identify(string filename) =>
        filename.Length == 0 || FilenameParser.HasProtocol(filename) ? filename : Path.GetFullPath(filename);
}
