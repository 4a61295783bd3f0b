namespace Tidemark.Nbd.Client;

/// <summary>
/// Where <see cref="NbdClient.BlockStatusAsync"/> puts what the server says: for each selected context, in the order of
/// <see cref="NbdClient.Contexts"/>, the extents from the request's offset on. May be used again.
/// </summary>
public sealed class BlockStatusResult
{
    private readonly List<List<NbdExtent>> lists = [];

    /// <summary>Extents of the context at <paramref name="index"/>; at least one after success.</summary>
    public IReadOnlyList<NbdExtent> this[int index] => lists[index];

    internal List<NbdExtent> ListOf(int index) => lists[index];

    internal void Reset(int contexts)
    {
        while (lists.Count < contexts)
        {
            lists.Add([]);
        }
        foreach (var list in lists)
        {
            list.Clear();
        }
    }
}
