using Tidemark.Bitmaps;
using Tidemark.Control.Transactions;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Commands.Bitmap;

/// <summary>block-dirty-bitmap-merge: a bitmap takes up the bits of others; all of them or none (contract Q5).</summary>
internal sealed partial class BlockDirtyBitmapMerge()
    : TransactionAction<BlockDirtyBitmapMerge.Arguments>("block-dirty-bitmap-merge", Arguments.Codec)
{
    /// <summary>What it takes.</summary>
    [Schema(Name = "BlockDirtyBitmapMerge")]
    internal sealed partial record Arguments(string Node, string Target, IReadOnlyList<BitmapReference> Bitmaps);

    /// <inheritdoc/>
    protected override ValueTask<TransactionStep> PrepareAsync(Arguments data, TransactionScope scope)
    {
        scope.RequireIndividual(Name);
        var node = scope.Context.RequireNode(data.Node);
        var target = node.RequireBitmap(data.Target);
        if (data.Bitmaps.Count == 0)
        {
            // The reference does not live to answer this.
            throw new QmpException("Parameter 'bitmaps' expects at least one bitmap");
        }
        List<DirtyBitmap> sources = [];
        foreach (var reference in data.Bitmaps)
        {
            var source = reference.External is { } external
                ? scope.Context.RequireBitmap(external)
                : node.RequireBitmap(reference.Local ?? "");
            // One by one: of several faults the first in the list is told.
            target.CheckMerge(source);
            sources.Add(source);
        }
        target.MergeFrom(sources, out var saved);
        return new(new ContentStep(target, saved));
    }
}
