using Tidemark.Block.Contract;
using Tidemark.Core.Errors;

namespace Tidemark.Block.Graph;

public sealed partial class BlockNode
{
    /// <summary>The first node at or below this one that is no filter: the image whose content users of this node see.</summary>
    public BlockNode Image
    {
        get
        {
            var node = this;
            while (node.FilteredChild is { } filtered)
            {
                node = filtered.Node;
            }
            return node;
        }
    }

    /// <summary>The node that <see cref="Image"/> has as its backing file, maybe a filter; null at the end of a chain.</summary>
    public BlockNode? BackingNode => Image.BackingChild?.Node;

    /// <summary>Whether <paramref name="sought"/> is this node or one that it reads through: the nodes of its chain, filters among them.</summary>
    public bool ChainContains(BlockNode sought)
    {
        for (var node = this; node is not null; node = node.NextInChain)
        {
            if (ReferenceEquals(node, sought))
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>
    /// The node of the chain that stands directly over <paramref name="below"/>, an image or a filter; null when this is that node
    /// itself, or it is not in the chain.
    /// </summary>
    public BlockNode? FindAbove(BlockNode below)
    {
        for (var node = this; node is not null; node = node.NextInChain)
        {
            if (ReferenceEquals(node.NextInChain, below))
            {
                return node;
            }
        }
        return null;
    }

    /// <summary>
    /// The image of the chain that has the image of <paramref name="below"/> as its backing file; null when there is none.
    /// </summary>
    public BlockNode? FindOverlay(BlockNode below)
    {
        for (var image = Image; image.BackingNode is { } next; image = next.Image)
        {
            if (ReferenceEquals(next.Image, below.Image))
            {
                return image;
            }
        }
        return null;
    }

    /// <summary>The last image of the chain.</summary>
    public BlockNode LastImage
    {
        get
        {
            var image = Image;
            while (image.BackingNode is { } next)
            {
                image = next.Image;
            }
            return image;
        }
    }

    /// <summary>
    /// The image below this one that goes by the file name <paramref name="name"/>: as the image above it names it (unless that names
    /// another than it has), by its own whole name, or by a path that leads to the same file. Null when the chain has none.
    /// </summary>
    public BlockNode? FindBacking(string name)
    {
        for (var image = Image; image.BackingNode is { } next; image = next.Image)
        {
            var below = next.Image;
            var own = NodeFilename.Of(below);
            var told = NodeFilename.HasOtherBacking(image) ? null : (image.Driver as IBackingFileDriver)?.BackingFileName;
            if (name == told || name == own || IsSameFile(image, name, own))
            {
                return below;
            }
        }
        return null;
    }

    // Names are relative to the image that they would stand in.
    private static bool IsSameFile(BlockNode image, string name, string own)
    {
        return !FilenameParser.HasProtocol(name)
            && !FilenameParser.HasProtocol(own)
            && Path.GetFullPath(FilenameParser.Resolve(NodeFilename.OfStorage(image) ?? "", name)) == Path.GetFullPath(own);
    }
}
