using Tidemark.Bitmaps;
using Tidemark.Block.Graph;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Commands.Bitmap;

/// <summary>Finding what a bitmap command names, in the wording that these commands have in common.</summary>
internal static class BitmapLookup
{
    /// <summary>The node, by node name or device; throws "Node 'x' not found".</summary>
    public static BlockNode RequireNode(this ControlContext context, string node) =>
        context.Graph.TryFind(node, out var found) ? found : throw new QmpException($"Node '{node}' not found");

    /// <summary>The bitmap of that name on <paramref name="node"/>; throws "Dirty bitmap 'x' not found".</summary>
    public static DirtyBitmap RequireBitmap(this BlockNode node, string name) =>
        node.Bitmaps.Find(name) ?? throw new QmpException($"Dirty bitmap '{name}' not found");

    /// <summary>Both at once.</summary>
    public static DirtyBitmap RequireBitmap(this ControlContext context, BitmapArguments arguments) =>
        context.RequireNode(arguments.Node).RequireBitmap(arguments.Name);
}
