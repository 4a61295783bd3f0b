using System.Text.Json;

namespace Tidemark.Testing;

/// <summary>
/// The gate on managed allocation: bytes that one run of a hot operation may allocate, by name, from bench/allocation-budget.json.
/// </summary>
public static class AllocationBudget
{
    private const int Rounds = 100;

    private static readonly Dictionary<string, long> Budget = Read();

    /// <summary>Every name in the file that begins with <paramref name="prefix"/>.</summary>
    public static IEnumerable<string> Names(string prefix) =>
        Budget.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>Bytes that the operation of that name may allocate.</summary>
    public static long Of(string name) =>
        Budget.TryGetValue(name, out var bytes) ? bytes : throw new KeyNotFoundException($"{name} has no allocation budget");

    /// <summary>Bytes that one run of <paramref name="operation"/> allocates on this thread once it is warm.</summary>
    public static long Measure(Action operation)
    {
        operation();
        operation();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < Rounds; round++)
        {
            operation();
        }
        return (GC.GetAllocatedBytesForCurrentThread() - before) / Rounds;
    }

    private static Dictionary<string, long> Read()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "bench", "allocation-budget.json")))
        {
            folder = folder.Parent;
        }
        var path = Path.Combine(folder?.FullName ?? "", "bench", "allocation-budget.json");
        using var budget = JsonDocument.Parse(File.ReadAllText(path));
        return budget
            .RootElement.EnumerateObject()
            .ToDictionary(static entry => entry.Name, static entry => entry.Value.GetInt64(), StringComparer.Ordinal);
    }
}
