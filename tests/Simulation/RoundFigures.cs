namespace Tidemark.Simulation.Tests;

/// <summary>How much has been simulated.</summary>
internal readonly record struct RoundFigures(
    long Rounds,
    long Crashes,
    long Requests,
    long Jobs,
    long Backups,
    long Flights,
    long Landings,
    long LongestRun
)
{
    /// <summary>These and those of a daemon's life.</summary>
    public RoundFigures With(Life life, bool crashed) =>
        this with
        {
            Crashes = Crashes + (crashed ? 1 : 0),
            Requests = Requests + life.Requests,
            Jobs = Jobs + life.Jobs,
            Flights = Flights + life.Flights,
            Landings = Landings + (life.HasLeft ? 1 : 0),
        };

    /// <summary>The sum.</summary>
    public static RoundFigures operator +(RoundFigures a, RoundFigures b) =>
        new(
            a.Rounds + b.Rounds,
            a.Crashes + b.Crashes,
            a.Requests + b.Requests,
            a.Jobs + b.Jobs,
            a.Backups + b.Backups,
            a.Flights + b.Flights,
            a.Landings + b.Landings,
            Math.Max(a.LongestRun, b.LongestRun)
        );
}
