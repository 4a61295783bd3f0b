using Tidemark.Testing;

namespace Tidemark.Fuzz.Tests;

/// <summary>A short run of every fuzz target, after the inputs that a long run once found something with.</summary>
public sealed class ShortFuzzTests
{
    private const int Seed = 20260101;

    public static TheoryData<string, int> Targets =>
        new()
        {
            { "json-messages", 5000 },
            { "json-options", 2000 },
            { "keyval-options", 5000 },
            { "qcow2-open", 600 },
            { "qcow2-check", 600 },
            { "qcow2-compressed", 400 },
            { "qcow2-snapshots", 400 },
            { "bitmap-directory", 600 },
            { "nbd-server", 2000 },
            { "nbd-client", 6000 },
            { "qmp-lines", 1500 },
            { "migration-stream", 4000 },
        };

    [Theory]
    [MemberData(nameof(Targets))]
    public void No_spoilt_input_is_answered_by_anything_but_an_error_of_its_own(string name, int runs)
    {
        LoopTest.ThrowOnBrokenInvariants();
        var run = new FuzzRun(Find(name), Seed);
        var found = run.Run(
            runs,
            TimeSpan.FromSeconds(120),
            input => Environment.FailFast($"{name}: endless: {Convert.ToHexString(input)}")
        );
        Assert.True(found is null, $"{name}, seed {Seed}, input {run.Count}: {found?.Finding}");
    }

    [Fact]
    public void Every_target_has_a_short_run() =>
        Assert.Equal(FuzzTargets.All.Select(static t => t.Name).Order(), Targets.Select(static row => row.Data.Item1).Order());

    [Theory]
    [MemberData(nameof(Targets))]
    public void What_was_found_once_is_not_found_again(string name, int runs)
    {
        LoopTest.ThrowOnBrokenInvariants();
        Assert.True(runs > 0);
        var folder = Path.Combine(AppContext.BaseDirectory, "corpus", name);
        foreach (var file in Directory.Exists(folder) ? Directory.GetFiles(folder) : [])
        {
            Assert.Null(new FuzzRun(Find(name), Seed).TryOne(System.IO.File.ReadAllBytes(file)));
        }
    }

    private static FuzzTarget Find(string name) => FuzzTargets.All.Single(t => t.Name == name);
}
