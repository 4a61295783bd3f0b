using System.Text.RegularExpressions;

namespace Tidemark.Interop.Tests.Migration;

/// <summary>What goes over the wire, in both directions, is what goes over it between two of the reference's machines. Rule M1.</summary>
public sealed partial class MigrationStreamTests
{
    // While nothing is left to do but wait, the reference says so again and again; of bitmaps only when the machine does not run.
    private const string IdleMemory = "020000000200000000000000107E00000002";
    private const string IdleBitmaps = "0200000003017E00000003";

    public static TheoryData<bool, bool, string> Cases
    {
        get
        {
            var cases = new TheoryData<bool, bool, string>();
            foreach (var runs in (bool[])[true, false])
            {
                cases.Add(runs, false, "");
                cases.Add(runs, false, "return-path");
                cases.Add(runs, false, "postcopy-ram");
                cases.Add(runs, false, "validate-uuid");
                cases.Add(runs, false, "x-ignore-shared");
                cases.Add(runs, true, "");
                cases.Add(runs, true, "return-path");
                cases.Add(runs, true, "postcopy-ram");
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_goes_there_and_back_is_the_same_byte_for_byte(bool runs, bool postcopy, string capability)
    {
        var (expected, found) = (Carried(MachineKind.Real), Carried(MachineKind.Ours));
        Assert.Equal(expected.There, found.There);
        Assert.Equal(expected.Back, found.Back);
        Assert.Equal(expected.Events, found.Events);

        (string There, string Back, string Events) Carried(MachineKind kind)
        {
            // Where memory is to follow the reference wants help of the kernel's that is not always to be had.
            var target = capability == "postcopy-ram" ? MachineKind.Ours : MachineKind.Real;
            using var flight = MachineFlight.Between(kind, target, "100000K", "100000K", paused: !runs);
            flight.Enable([.. capability.Length > 0 ? [capability] : Array.Empty<string>()]);
            flight.Add("a");
            flight.Add("fine", ", \"granularity\": 512");
            flight.Add("off", ", \"disabled\": true, \"granularity\": 4096");
            flight.Add("p", ", \"persistent\": true");
            foreach (var where in (string[])["0 1M", "77777k 3k", "50M 1"])
            {
                MachineFlight.Write(flight.Source, where);
            }
            var downtimeMs = postcopy ? 0 : 2_000_000;
            _ = flight.Source.Execute("migrate-set-parameters", $$"""{"downtime-limit": {{downtimeMs}}}""");
            using var link = flight.GoOverLink(isSlow: false);
            if (postcopy)
            {
                Assert.Equal("active", MachineFlight.WaitFor(flight.Source, "active", "failed", "completed"));
                _ = flight.Source.Execute("migrate-start-postcopy");
            }
            Assert.Equal("completed", MachineFlight.End(flight.Source));
            Assert.Equal("completed", MachineFlight.End(flight.Target));
            var (there, back) = link.WaitForEnd();
            return (
                Lasting(Convert.ToHexString(there), runs),
                Convert.ToHexString(back),
                string.Join(' ', MachineFlight.Events(flight.Source))
            );
        }
    }

    // Without what is sent in idle hours, and how long the machine had been running.
    private static string Lasting(string stream, bool runs)
    {
        var idle = runs ? IdleMemory : IdleMemory + IdleBitmaps;
        return Clock().Replace(stream.Replace(idle, "", StringComparison.Ordinal), "$1");
    }

    [GeneratedRegex("(0574696D65720000000000000002)[0-9A-F]{48}")]
    private static partial Regex Clock();
}
