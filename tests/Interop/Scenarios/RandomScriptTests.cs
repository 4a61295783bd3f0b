using System.Globalization;

namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>
/// Random sessions with the reference's daemon and ours must answer alike, request by request. TIDEMARK_RANDOM_SCRIPTS says how
/// many sessions to run after the few that always are.
/// </summary>
public sealed class RandomScriptTests
{
    private const int Steps = 60;
    private const int ChainSteps = 40;
    private const int CopySteps = 40;

    public static TheoryData<int> Seeds =>
        [
            .. Enumerable.Range(
                1,
                4 + int.Parse(Environment.GetEnvironmentVariable("TIDEMARK_RANDOM_SCRIPTS") ?? "0", CultureInfo.InvariantCulture)
            ),
        ];

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
