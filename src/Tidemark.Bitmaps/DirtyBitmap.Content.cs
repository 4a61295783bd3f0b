using Tidemark.Core.Errors;

namespace Tidemark.Bitmaps;

/// <summary>Changing the bits as a whole, and taking that back (contract Q3, Q5, T4).</summary>
public sealed partial class DirtyBitmap
{
    /// <summary>Clears every bit.</summary>
    public void Clear()
    {
        Go(BitmapVerb.Change);
        Content.Clear();
    }

    /// <summary>
    /// Clears every bit; <paramref name="saved"/> is the old content, the caller's: give it back by <see cref="Restore"/>, or
    /// dispose it once the change is final. Costs nothing, however much was dirty.
    /// </summary>
    public void Clear(out HierarchicalBitmap saved)
    {
        Go(BitmapVerb.Change);
        var blank = new HierarchicalBitmap(SizeBytes, Content.GranularityBits);
        (saved, Content) = (Content, blank);
        set.Forget();
    }

    /// <summary>Puts back exactly what <see cref="Clear(out HierarchicalBitmap)"/> or a merge saved, and takes it over.</summary>
    public void Restore(HierarchicalBitmap saved)
    {
        Go(BitmapVerb.Change);
        Invariant.That(saved.SizeBytes == SizeBytes && saved.Granularity == Granularity, "what is restored has the same shape");
        Content.Dispose();
        Content = saved;
        set.Forget();
    }

    /// <summary>
    /// Throws <see cref="BlockException"/>, in the reference's words, unless <paramref name="source"/> may be merged into this one.
    /// </summary>
    public void CheckMerge(DirtyBitmap source)
    {
        Check(BitmapAccess.Modify);
        source.Check(BitmapAccess.Read);
        if (source.SizeBytes != SizeBytes)
        {
            throw new BlockException(
                BlockErrorKind.InvalidOptions,
                $"Bitmaps are of different sizes (destination size is {SizeBytes}, source size is {source.SizeBytes}) and can't be merged"
            );
        }
    }

    /// <summary>
    /// Adds the bits of every one of <paramref name="sources"/>, of any granularity, after checking them all: on a
    /// <see cref="BlockException"/> nothing has changed. Contract Q5.
    /// </summary>
    public void MergeFrom(IReadOnlyList<DirtyBitmap> sources)
    {
        foreach (var source in sources)
        {
            CheckMerge(source);
        }
        Go(BitmapVerb.Change);
        foreach (var source in sources)
        {
            Content.MergeFrom(source.Content);
        }
    }

    /// <summary>
    /// As <see cref="MergeFrom(IReadOnlyList{DirtyBitmap})"/>; <paramref name="saved"/> is the content before, the caller's: give
    /// it back by <see cref="Restore"/>, or dispose it once the change is final.
    /// </summary>
    public void MergeFrom(IReadOnlyList<DirtyBitmap> sources, out HierarchicalBitmap saved)
    {
        foreach (var source in sources)
        {
            CheckMerge(source);
        }
        saved = Content.Clone();
        MergeFrom(sources);
    }

    /// <summary>Adds bits that are no named bitmap's: what a job did not get round to. Sizes must be equal.</summary>
    public void MergeContent(HierarchicalBitmap source)
    {
        Go(BitmapVerb.Change);
        Content.MergeFrom(source);
    }
}
