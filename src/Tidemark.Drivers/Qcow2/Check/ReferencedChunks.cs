namespace Tidemark.Drivers.Qcow2.Check;

/// <summary>Goes once, upwards, through the runs of clusters that have references, so that what lies between costs nothing.</summary>
/// <param name="references">The references; no new chunk may come into being meanwhile.</param>
internal sealed class ReferencedChunks(ReferenceCounts references)
{
    private readonly long[] starts = references.SortedChunks();
    private int next;

    /// <summary>
    /// The first chunk that ends behind <paramref name="cluster"/>, which never falls from call to call; beyond the last one an
    /// empty one at the very end.
    /// </summary>
    public (long Start, long End) Next(long cluster)
    {
        while (next < starts.Length && starts[next] + ReferenceCounts.ChunkClusters <= cluster)
        {
            next++;
        }
        return next == starts.Length
            ? (long.MaxValue, long.MaxValue)
            : (starts[next], starts[next] + ReferenceCounts.ChunkClusters);
    }
}
