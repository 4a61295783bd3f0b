namespace Tidemark.Drivers.Qcow2.Check;

/// <summary>Gives the space of leaked clusters back to the file system, once their refcounts are durably zero.</summary>
internal static class FreedClusters
{
    /// <summary>Discards the run's freed clusters, neighbours together.</summary>
    public static async ValueTask DiscardAsync(CheckRun run)
    {
        var freed = run.Freed;
        var bits = run.Layout.ClusterBits;
        for (var i = 0; i < freed.Count; )
        {
            var first = freed[i];
            var next = i + 1;
            while (next < freed.Count && freed[next] == first + (next - i))
            {
                next++;
            }
            await run.Storage.DiscardAsync(first << bits, (long)(next - i) << bits);
            i = next;
        }
        freed.Clear();
    }
}
