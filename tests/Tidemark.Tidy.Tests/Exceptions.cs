namespace Tidemark.Tidy.Tests;

/// <summary>Every place that a rule does not hold, with the reason. The list only shrinks: an entry that is no longer needed fails.</summary>
internal static class Exceptions
{
    public const string LongFile = "file over 400 lines";
    public const string LongMethod = "method over 70 lines";
    public const string SeveralTypes = "several types in a file";
    public const string BannedCall = "banned call";
    public const string Wording = "word";
    public const string Namespace = "namespace of a folder";
    public const string FileName = "name of a file";

    /// <summary>The entries: rule, place ("path" or "path:Member"), reason.</summary>
    public static IReadOnlyList<(string Rule, string Place, string Reason)> All { get; } =
    [
        (Namespace, "src/Tidemark.Block/Io", "The verbs of BlockNode, a partial type whose state is in Graph."),
        (
            FileName,
            "tests/Tidemark.Core.Tests/Schema/SampleTypes.cs",
            "Many tiny types, one sample of each kind, that only mean something together."
        ),
        (
            BannedCall,
            "src/Tidemark.Jobs/JobTransaction.cs",
            "Told by a job that waits for nobody; what it throws comes out of the loop's run."
        ),
        (BannedCall, "src/Tidemark.Core/Async/LoopContext.cs", "Launch: what it throws comes out of the loop's run."),
        (
            BannedCall,
            "src/Tidemark.Io/Linux/KernelEngine.cs",
            "The seed of the real engine's chance, the one place where it comes from outside."
        ),
    ];

    /// <summary>Whether <paramref name="place"/> may break <paramref name="rule"/>.</summary>
    public static bool Allow(string rule, string place) => All.Any(entry => entry.Rule == rule && entry.Place == place);

    /// <summary>
    /// The breaches of <paramref name="rule"/> that are not excepted, and the exceptions that nothing needs any more.
    /// </summary>
    public static IEnumerable<string> Judge(string rule, IEnumerable<(string Place, string What)> breaches)
    {
        var found = breaches.ToList();
        return found
            .Where(breach => !Allow(rule, breach.Place))
            .Select(breach => $"{breach.Place}: {breach.What}")
            .Concat(
                All.Where(entry => entry.Rule == rule && found.TrueForAll(breach => breach.Place != entry.Place))
                    .Select(entry => $"{entry.Place}: the exception from \"{rule}\" is no longer needed; remove it from the list")
            );
    }
}
