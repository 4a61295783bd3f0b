using System.Globalization;
using Tidemark.Testing;

namespace Tidemark.Simulation.Tests;

// Goal: the whole product on a machine that follows from a seed. Whatever guests, operators, faults and crashes come together: a
// finished backup is the disk of its moment for ever (contract J2, J4), what changed since is in its bitmap or the bitmap says that
// it is in doubt (B8, J3, P2, P3), a refused command leaves nothing behind (T1, T4), a machine that moves finds its bitmaps as they
// were and one that can't move goes on with them (M1), images have leaks at worst.
public sealed class SimulationTests
{
    private const int DefaultSeconds = 12;
    private const int MostFailures = 20;

    /// <summary>
    /// TIDEMARK_SIMULATION_ROUNDS=10000 is a long run, TIDEMARK_SIMULATION_SEED=7 where it begins, or one round alone. A long run goes
    /// on after a seed that fails. The script <c>long</c> beside this file spreads seeds over processes.
    /// </summary>
    [Fact]
    public void No_seed_breaks_the_whole_system()
    {
        var rounds = Number("TIDEMARK_SIMULATION_ROUNDS");
        var first = Number("TIDEMARK_SIMULATION_SEED");
        var last = rounds is { } wanted ? (first ?? 1) + wanted - 1 : first ?? int.MaxValue;
        var started = TimeProvider.System.GetTimestamp();
        var figures = default(RoundFigures);
        List<SimulationFailedException> failures = [];
        for (var seed = first ?? 1; seed <= last && failures.Count < MostFailures; seed++)
        {
            try
            {
                figures += Round.Play(seed, notesShown: rounds == 1 ? 20_000 : 60);
            }
            catch (SimulationFailedException failure) when (rounds > 1)
            {
                failures.Add(failure);
            }
            if (last == int.MaxValue && TimeProvider.System.GetElapsedTime(started).TotalSeconds > DefaultSeconds)
            {
                break;
            }
        }
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{figures} in {TimeProvider.System.GetElapsedTime(started).TotalSeconds:F1} s"
        );
        Assert.True(
            failures.Count == 0,
            $"{failures.Count} seeds failed\n{string.Join("\n\n", failures.Select(static f => f.ToString()))}"
        );
        Assert.True(figures.Rounds > 0);
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;
}
