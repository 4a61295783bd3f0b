using Tidemark.Testing;

namespace Tidemark.Interop.Tests.Migration;

/// <summary>
/// Bitmaps go over from one machine to another: ours to ours, ours to the reference's, the reference's to ours. Rule M1.
/// </summary>
public sealed class MigrationTests
{
    public static TheoryData<MachineKind, MachineKind> Ways =>
        new()
        {
            { MachineKind.Ours, MachineKind.Ours },
            { MachineKind.Ours, MachineKind.Real },
            { MachineKind.Real, MachineKind.Ours },
        };

    [Theory]
    [MemberData(nameof(Ways))]
    public void All_kinds_of_bitmaps_arrive_with_every_bit(MachineKind source, MachineKind target)
    {
        using var flight = MachineFlight.Between(source, target, "6400000K", "6400000K");
        // The reference takes its own idling for the bandwidth there is, and would not get through with much to send.
        _ = flight.Source.Execute("migrate-set-parameters", """{"downtime-limit": 2000000}""");
        flight.Add("plain");
        flight.Add("off", ", \"disabled\": true");
        flight.Add("fine", ", \"granularity\": 512");
        flight.Add("coarse", ", \"granularity\": 2147483648");
        flight.Add("stored", ", \"persistent\": true");
        flight.Add("stored off", ", \"persistent\": true, \"disabled\": true, \"granularity\": 4096");
        for (var i = 0; i < 40; i++)
        {
            MachineFlight.Write(flight.Source, $"{i * 163_840L * 977} {512 * (i + 1)}");
        }
        var before = MachineFlight.Bitmaps(flight.Source);
        flight.GoThrough();
        Assert.Equal(before.Reverse(), MachineFlight.Bitmaps(flight.Target));
        Assert.Equal(before, MachineFlight.Bitmaps(flight.Source));
        Assert.Equal("postmigrate", MachineFlight.State(flight.Source));
        Assert.Equal("prelaunch", MachineFlight.State(flight.Target));
        // They go on recording, or not, where they are now.
        _ = flight.Target.Execute("cont");
        MachineFlight.Write(flight.Target, "6000M 64k");
        var changed = MachineFlight.Bitmaps(flight.Target).Except(before, StringComparer.Ordinal);
        Assert.Equal(["plain", "fine", "stored"], changed.Select(static b => b.Split(' ')[0]));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Persistent_bitmaps_of_a_shared_image_go_over_and_are_stored_once(MachineKind source, MachineKind target)
    {
        using var flight = MachineFlight.Between(source, target, shared: true);
        flight.Add("p", ", \"persistent\": true");
        flight.Add("t");
        MachineFlight.Write(flight.Source, "1M 1M");
        flight.GoThrough();
        _ = flight.Target.Execute("cont");
        MachineFlight.Write(flight.Target, "8M 64k");
        Assert.Equal(0, flight.Source.Quit());
        Assert.Equal(0, flight.Target.Quit());
        var info = ProgramRun.Of("qemu-img", "info", flight.TargetImage).MustSucceed().Output;
        Assert.Single(info.Split('\n'), static line => line.Contains("name: p", StringComparison.Ordinal));
        Assert.DoesNotContain("in-use", info, StringComparison.Ordinal);
        _ = ProgramRun.Of("qemu-img", "check", "-q", flight.TargetImage).MustSucceed();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Without_the_capability_a_shared_image_carries_its_persistent_bitmaps(MachineKind source, MachineKind target)
    {
        using var flight = MachineFlight.Between(source, target, shared: true);
        foreach (var machine in (RealQemu[])[flight.Source, flight.Target])
        {
            _ = machine.Execute(
                "migrate-set-capabilities",
                """{"capabilities": [{"capability": "dirty-bitmaps", "state": false}]}"""
            );
        }
        flight.Add("p", ", \"persistent\": true");
        flight.Add("t");
        MachineFlight.Write(flight.Source, "1M 1M");
        var before = MachineFlight.Bitmaps(flight.Source);
        flight.GoThrough();
        Assert.Equal([before[1]], MachineFlight.Bitmaps(flight.Target));
        Assert.Equal([before[0]], MachineFlight.Bitmaps(flight.Source));
        Assert.Equal(0, flight.Target.Quit());
        Assert.Equal(0, flight.Source.Quit());
        _ = ProgramRun.Of("qemu-img", "check", "-q", flight.TargetImage).MustSucceed();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_machine_that_runs_goes_on_running_elsewhere(MachineKind source, MachineKind target)
    {
        using var flight = MachineFlight.Between(source, target, paused: false);
        flight.Add("b");
        flight.GoThrough();
        Assert.Equal("postmigrate", MachineFlight.State(flight.Source));
        Assert.Equal("running", MachineFlight.State(flight.Target));
        Assert.Equal(["setup", "pass 1", "active", "pass 2", "STOP", "pass 3", "completed"], MachineFlight.Events(flight.Source));
        Assert.Equal(["setup", "active", "RESUME", "completed"], MachineFlight.Events(flight.Target));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Bitmaps_follow_when_the_machine_runs_elsewhere_already(MachineKind source, MachineKind target)
    {
        using var flight = MachineFlight.Between(source, target, paused: false);
        flight.Add("on");
        flight.Add("off", ", \"disabled\": true");
        flight.Add("stored", ", \"persistent\": true");
        MachineFlight.Write(flight.Source, "0 1M");
        var before = MachineFlight.Bitmaps(flight.Source);
        // No downtime is short enough: it converges never.
        _ = flight.Source.Execute("migrate-set-parameters", """{"downtime-limit": 0}""");
        flight.Go();
        Assert.Equal("active", MachineFlight.WaitFor(flight.Source, "active", "failed", "completed"));
        _ = flight.Source.Execute("migrate-start-postcopy");
        Assert.Equal("completed", MachineFlight.End(flight.Source));
        Assert.Equal("completed", MachineFlight.End(flight.Target));
        Assert.Equal(before.Reverse(), MachineFlight.Bitmaps(flight.Target));
        Assert.Equal(["setup", "pass 1", "active", "postcopy-active", "STOP", "completed"], MachineFlight.Events(flight.Source));
        // It runs before all is there, and which of the two is told first is a matter of time.
        var told = MachineFlight.Events(flight.Target);
        Assert.Equal(["setup", "active", "postcopy-active"], told.Take(3));
        Assert.Equal(["RESUME", "completed"], told.Skip(3).Order(StringComparer.Ordinal));
    }

    // The reference reads with two threads in the postcopy phase: neither must find what is the other's, however late it comes.
    [Theory]
    [MemberData(nameof(Ways))]
    public void Bitmaps_follow_over_a_slow_link(MachineKind source, MachineKind target)
    {
        using var flight = MachineFlight.Between(source, target, paused: false);
        flight.Add("on");
        MachineFlight.Write(flight.Source, "0 1M");
        var before = MachineFlight.Bitmaps(flight.Source);
        _ = flight.Source.Execute("migrate-set-parameters", """{"downtime-limit": 0}""");
        using var link = flight.GoOverLink(isSlow: true);
        Assert.Equal("active", MachineFlight.WaitFor(flight.Source, "active", "failed", "completed"));
        _ = flight.Source.Execute("migrate-start-postcopy");
        Assert.Equal("completed", MachineFlight.End(flight.Source));
        Assert.Equal("completed", MachineFlight.End(flight.Target));
        Assert.Equal(before, MachineFlight.Bitmaps(flight.Target));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void What_is_written_before_the_bits_are_there_is_recorded_with_them(MachineKind source, MachineKind target)
    {
        const long GranuleBytes = 512;
        using var flight = MachineFlight.Between(source, target, paused: false);
        flight.Add("fine", $", \"granularity\": {GranuleBytes}");
        // A granule in each piece of the stream, so that none of them is sent as zeroes and the link is slow for long.
        for (var mebibytes = 0; mebibytes < 64; mebibytes += 4)
        {
            MachineFlight.Write(flight.Source, $"{mebibytes}M {GranuleBytes}");
        }
        var before = MachineFlight.Count(flight.Source);
        _ = flight.Source.Execute("migrate-set-parameters", """{"downtime-limit": 0}""");
        using var link = flight.GoOverLink(isSlow: true);
        Assert.Equal("active", MachineFlight.WaitFor(flight.Source, "active", "failed", "completed"));
        _ = flight.Source.Execute("migrate-start-postcopy");
        while (MachineFlight.State(flight.Target) != "running")
        {
            Thread.Sleep(1);
        }
        MachineFlight.Write(flight.Target, $"63M {GranuleBytes}");
        Assert.Equal("postcopy-active", MachineFlight.WaitFor(flight.Target, "postcopy-active", "completed"));
        Assert.Equal("completed", MachineFlight.End(flight.Source));
        Assert.Equal("completed", MachineFlight.End(flight.Target));
        Assert.Equal(before + GranuleBytes, MachineFlight.Count(flight.Target));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Bitmaps_arrive_over_a_slow_link(MachineKind source, MachineKind target)
    {
        using var flight = MachineFlight.Between(source, target);
        flight.Add("stored", ", \"persistent\": true");
        MachineFlight.Write(flight.Source, "0 1M");
        var before = MachineFlight.Bitmaps(flight.Source);
        _ = flight.Source.Execute("migrate-set-parameters", """{"downtime-limit": 2000000}""");
        using var link = flight.GoOverLink(isSlow: true);
        Assert.Equal("completed", MachineFlight.End(flight.Source));
        Assert.Equal("completed", MachineFlight.End(flight.Target));
        Assert.Equal(before, MachineFlight.Bitmaps(flight.Target));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Aliases_name_nodes_and_bitmaps_on_the_way(MachineKind source, MachineKind target)
    {
        using var flight = MachineFlight.Between(source, target);
        flight.Add("a");
        flight.Add("b", ", \"disabled\": true");
        flight.Add("left behind");
        MachineFlight.Write(flight.Source, "3M 1M");
        Map(flight.Source, """{"name": "a", "alias": "x"}, {"name": "b", "alias": "y", "transform": {"persistent": true}}""");
        Map(flight.Target, """{"name": "a2", "alias": "x", "transform": {"persistent": true}}, {"name": "b2", "alias": "y"}""");
        var before = MachineFlight.Bitmaps(flight.Source);
        flight.GoThrough();
        Assert.Equal(
            [
                before[2]
                    .Replace("a ", "a2 ", StringComparison.Ordinal)
                    .Replace("recording", "recording persistent", StringComparison.Ordinal),
                before[1].Replace("b ", "b2 ", StringComparison.Ordinal).Replace("  ", " persistent ", StringComparison.Ordinal),
            ],
            MachineFlight.Bitmaps(flight.Target)
        );

        static void Map(RealQemu machine, string bitmaps) =>
            _ = machine.Execute(
                "migrate-set-parameters",
                $$"""{"block-bitmap-mapping": [{"node-name": "node0", "alias": "wire", "bitmaps": [{{bitmaps}}]}]}"""
            );
    }

    [Theory]
    [InlineData("return-path")]
    [InlineData("postcopy-ram")]
    [InlineData("validate-uuid")]
    public void Capabilities_that_change_the_stream_are_understood_on_both_sides(string capability)
    {
        foreach (var (source, target) in Ways.Select(static row => row.Data))
        {
            using var flight = MachineFlight.Between(source, target);
            flight.Enable(capability);
            flight.Add("b");
            MachineFlight.Write(flight.Source, "3M 1M");
            flight.GoThrough();
            Assert.Equal(MachineFlight.Bitmaps(flight.Source), MachineFlight.Bitmaps(flight.Target));
        }
    }

    [Theory]
    [InlineData("file:{0}/s")]
    [InlineData("file:{0}/s,offset=4096")]
    [InlineData("exec:cat > {0}/s|exec:cat {0}/s")]
    public void A_stream_may_lie_in_a_file_meanwhile(string uri)
    {
        using var flight = MachineFlight.Between(MachineKind.Ours, MachineKind.Ours);
        flight.Add("b");
        MachineFlight.Write(flight.Source, "3M 1M");
        var ways = string.Format(System.Globalization.CultureInfo.InvariantCulture, uri, flight.Source.Folder).Split('|');
        _ = flight.Source.Execute("migrate", $$"""{"uri": "{{ways[0]}}"}""");
        Assert.Equal("completed", MachineFlight.End(flight.Source));
        _ = flight.Target.Execute("migrate-incoming", $$"""{"uri": "{{ways[^1]}}"}""");
        Assert.Equal("completed", MachineFlight.End(flight.Target));
        Assert.Equal(MachineFlight.Bitmaps(flight.Source), MachineFlight.Bitmaps(flight.Target));
    }

    [Fact]
    public void It_goes_over_TCP_too()
    {
        using var flight = MachineFlight.Between(MachineKind.Ours, MachineKind.Ours);
        flight.Add("b");
        _ = flight.Target.Execute("migrate-incoming", """{"uri": "tcp:127.0.0.1:0"}""");
        var port = flight.Target.Execute("query-migrate").GetProperty("socket-address")[0].GetProperty("port").GetString();
        _ = flight.Source.Execute("migrate", $$"""{"uri": "tcp:127.0.0.1:{{port}}"}""");
        Assert.Equal("completed", MachineFlight.End(flight.Source));
        Assert.Equal("completed", MachineFlight.End(flight.Target));
        Assert.Equal(MachineFlight.Bitmaps(flight.Source), MachineFlight.Bitmaps(flight.Target));
    }
}
