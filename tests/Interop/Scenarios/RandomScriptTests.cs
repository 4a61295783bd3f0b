using System.Globalization;

namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>
/// Random sessions with the reference's daemon and ours must answer alike, request by request. TIDEMARK_RANDOM_SCRIPTS says how
/// many sessions to run after the few that always are, or which instead of those: 40-60.
/// </summary>
public sealed class RandomScriptTests
{
    private const int Always = 4;
    private const int Steps = 60;
    private const int ChainSteps = 40;
    private const int CopySteps = 40;

    public static TheoryData<int> Seeds
    {
        get
        {
            var wanted = (Environment.GetEnvironmentVariable("TIDEMARK_RANDOM_SCRIPTS") ?? "0").Split('-');
            var last = int.Parse(wanted[^1], CultureInfo.InvariantCulture);
            var first = wanted.Length > 1 ? int.Parse(wanted[0], CultureInfo.InvariantCulture) : 1;
            return [.. Enumerable.Range(first, wanted.Length > 1 ? last - first + 1 : Always + last)];
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_random_session_goes_alike(int seed)
    {
        using var pair = new DaemonPair();
        var script = new RandomScript(pair, seed);
        script.Begin();
        script.Run(Steps);
        script.Reload();
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_random_session_over_a_chain_goes_alike(int seed)
    {
        using var pair = new DaemonPair();
        var script = new RandomChainScript(pair, seed);
        script.Begin();
        script.Run(ChainSteps);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_random_session_of_copies_goes_alike(int seed)
    {
        using var pair = new DaemonPair();
        var script = new RandomCopyScript(pair, seed);
        script.Begin();
        script.Run(CopySteps);
    }
}
