namespace Tidemark.Simulation.Tests;

/// <summary>
/// A disk at a moment: what each cell held, or may have held where a request was under way or where the moment is known as
/// "between these two" only.
/// </summary>
internal sealed class Instant(uint[] content, IReadOnlyList<ShadowRequest> underWay)
{
    private readonly Dictionary<int, HashSet<uint>> alternatives = [];

    /// <summary>A moment that is known exactly.</summary>
    public static Instant Exactly(uint[] content) => new(content, []);

    /// <summary>Another value that the cell may have had.</summary>
    public void Allow(int cell, uint version)
    {
        if (content[cell] != version)
        {
            _ = (alternatives.TryGetValue(cell, out var known) ? known : alternatives[cell] = []).Add(version);
        }
    }

    /// <summary>Whether the cell may have held that. A disk that was smaller had zeroes there.</summary>
    public bool Allows(int cell, uint version) =>
        (cell < content.Length ? content[cell] : 0) == version
        || (alternatives.TryGetValue(cell, out var known) && known.Contains(version));

    /// <summary>
    /// Fails unless <paramref name="copy"/> is the disk at this moment: every cell one that it may be, and every request that was
    /// under way in it as a whole or not at all.
    /// </summary>
    public void MustBe(uint[] copy, string what, Func<int, string> storyOf)
    {
        for (var cell = 0; cell < copy.Length; cell++)
        {
            Must.Hold(Allows(cell, copy[cell]), $"{what}: cell {cell} is {copy[cell]}, not {Describe(cell)}\n{storyOf(cell)}");
        }
        foreach (var request in underWay.Where(static r => r.IsDone && r.Verb is ShadowVerb.Write or ShadowVerb.Zero))
        {
            // A cell that was what it should become says nothing.
            var told = Enumerable.Range(request.First, request.Count).Where(cell => content[cell] != request.Version);
            Must.Hold(
                told.Select(cell => copy[cell] == request.Version).Distinct().Count() <= 1,
                $"{what}: half of {request} is in it: {string.Join(' ', copy[request.First..request.End])}\n{storyOf(request.First)}\n--\n{storyOf(request.End - 1)}"
            );
        }
    }

    private string Describe(int cell) =>
        string.Join(" or ", alternatives.GetValueOrDefault(cell, []).Prepend(cell < content.Length ? content[cell] : 0));
}
