using System.Net.Sockets;
using Tidemark.Testing;

namespace Tidemark.Interop.Tests.Migration;

/// <summary>Migrations that do not come to a good end: whoever had the disks still has them, and goes on. Rule M1.</summary>
public sealed class MigrationFailureTests
{
    public static TheoryData<MachineKind, MachineKind> Ways => MigrationTests.Ways;

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_source_that_cancels_goes_on_with_all_its_bitmaps(MachineKind source, MachineKind target)
    {
        using var flight = MachineFlight.Between(source, target, paused: false);
        _ = flight.Source.Execute(
            "migrate-set-capabilities",
            """{"capabilities": [{"capability": "pause-before-switchover", "state": true}]}"""
        );
        flight.Add("t");
        flight.Add("p", ", \"persistent\": true");
        flight.Go();
        Assert.Equal("pre-switchover", MachineFlight.WaitFor(flight.Source, "pre-switchover", "failed"));
        Assert.Equal("finish-migrate", MachineFlight.State(flight.Source));
        Assert.Equal(
            "Bitmap 't' is currently in use by another operation and cannot be used",
            flight.Source.ExecuteRefused("block-dirty-bitmap-clear", """{"node": "node0", "name": "t"}""")
        );
        Assert.Equal("Migration is not finalized yet", flight.Source.ExecuteRefused("cont"));
        _ = flight.Source.Execute("migrate_cancel");
        Assert.Equal("cancelled", MachineFlight.End(flight.Source));
        Assert.Equal(1, flight.Target.WaitForExit());
        Assert.Equal(
            ["setup", "pass 1", "active", "pass 2", "STOP", "pre-switchover", "cancelling", "RESUME", "cancelled"],
            MachineFlight.Events(flight.Source)
        );
        StillWorks(flight);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_source_whose_target_is_killed_goes_on_with_all_its_bitmaps(MachineKind source, MachineKind target)
    {
        using var flight = MachineFlight.Between(source, target, paused: false);
        _ = flight.Source.Execute(
            "migrate-set-capabilities",
            """{"capabilities": [{"capability": "pause-before-switchover", "state": true}]}"""
        );
        flight.Add("t");
        flight.Add("p", ", \"persistent\": true");
        flight.Go();
        Assert.Equal("pre-switchover", MachineFlight.WaitFor(flight.Source, "pre-switchover", "failed"));
        flight.Target.Kill();
        _ = flight.Source.Execute("migrate-continue", """{"state": "pre-switchover"}""");
        Assert.Equal("failed", MachineFlight.End(flight.Source));
        StillWorks(flight);
    }

    [Fact]
    public void A_source_that_has_let_its_images_go_takes_them_back_when_the_target_fails()
    {
        // With a return path the source learns of a failure after it has sent everything.
        using var flight = MachineFlight.Between(MachineKind.Ours, MachineKind.Ours, "64M", "32M", paused: false);
        flight.Enable("return-path");
        flight.Add("t");
        flight.Add("p", ", \"persistent\": true");
        flight.Go();
        Assert.Equal("failed", MachineFlight.End(flight.Source));
        Assert.Equal(1, flight.Target.WaitForExit());
        StillWorks(flight);
    }

    [Fact]
    public void Bitmaps_of_a_disk_of_another_size_are_refused()
    {
        foreach (
            var (source, target) in ((string, string)[])[("64M", "32M"), ("32M", "64M"), ("64M", "65536K"), ("64M", "67108352")]
        )
        {
            using var flight = MachineFlight.Between(MachineKind.Ours, MachineKind.Ours, source, target);
            flight.Add("b");
            flight.Go();
            _ = MachineFlight.End(flight.Source);
            if (target == "65536K")
            {
                Assert.Equal("completed", MachineFlight.End(flight.Target));
            }
            else
            {
                Assert.Equal(1, flight.Target.WaitForExit());
            }
        }
    }

    [Fact]
    public void A_target_that_is_told_to_stay_says_what_went_wrong()
    {
        using var flight = MachineFlight.Between(MachineKind.Ours, MachineKind.Ours);
        flight.Add("b");
        _ = flight.Target.Execute("block-dirty-bitmap-add", """{"node": "node0", "name": "b"}""");
        _ = flight.Target.Execute("migrate-incoming", $$"""{"uri": "unix:{{flight.Socket}}", "exit-on-error": false}""");
        _ = flight.Source.Execute("migrate", $$"""{"uri": "unix:{{flight.Socket}}"}""");
        Assert.Equal("failed", MachineFlight.End(flight.Target));
        Assert.Equal(
            "load of migration failed: Invalid argument",
            flight.Target.Execute("query-migrate").GetProperty("error-desc").GetString()
        );
        Assert.Equal("inmigrate", MachineFlight.State(flight.Target));
        Assert.Single(MachineFlight.Bitmaps(flight.Target));
    }

    [Fact]
    public void A_bitmap_that_can_not_migrate_is_refused_before_anything_is_sent()
    {
        using var flight = MachineFlight.Between(MachineKind.Ours, MachineKind.Ours);
        flight.Add("b");
        flight.Source.Export("node0", "b");
        flight.Go();
        Assert.Equal("failed", MachineFlight.End(flight.Source));
        Assert.Equal("prelaunch", MachineFlight.State(flight.Source));
        flight.Source.Unexport("node0");
        StillWorks(flight);
    }

    [Theory]
    [InlineData("")]
    [InlineData("GET / HTTP/1.0\r\n\r\n")]
    [InlineData("QEVM\0\0\0\u0003\u0007\0\0\0\u0004none\u0001\0\0\0\u0003\u000cdirty-bitmap\0\0\0\0\0\0\0\u0001\u00ff")]
    public void A_peer_that_sends_nonsense_ends_the_target_with_an_error(string nonsense)
    {
        using var flight = MachineFlight.Between(MachineKind.Ours, MachineKind.Ours);
        _ = flight.Target.Execute("migrate-incoming", $$"""{"uri": "unix:{{flight.Socket}}"}""");
        using (var peer = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            peer.Connect(new UnixDomainSocketEndPoint(flight.Socket));
            _ = peer.Send(System.Text.Encoding.Latin1.GetBytes(nonsense));
        }
        Assert.Equal(1, flight.Target.WaitForExit());
    }

    [Fact]
    public void A_second_process_gets_an_image_only_when_the_first_has_let_it_go()
    {
        using var flight = MachineFlight.Between(MachineKind.Ours, MachineKind.Ours, shared: true);
        var (writing, waiting) = (Lock(flight.SourceImage), Lock(flight.TargetImage));
        Assert.Equal(1, writing);
        Assert.Equal(1, waiting);
        flight.GoThrough();
        // The target has it now; taken back by the source it is refused.
        Assert.Equal("Failed to get \"write\" lock", flight.Source.ExecuteRefused("cont"));
        _ = flight.Target.Execute("cont");
        MachineFlight.Write(flight.Target, "0 64k");

        static int Lock(string image) => ProgramRun.Of("qemu-io", "-c", "write -q 0 1", image).ExitCode;
    }

    private static void StillWorks(MachineFlight flight)
    {
        var before = MachineFlight.Bitmaps(flight.Source);
        _ = flight.Source.Execute("cont");
        MachineFlight.Write(flight.Source, "20M 1M");
        var after = MachineFlight.Bitmaps(flight.Source);
        Assert.Equal(before.Count, after.Count);
        Assert.All(before.Zip(after), static pair => Assert.NotEqual(pair.First, pair.Second));
        Assert.Equal(0, flight.Source.Quit());
        _ = ProgramRun.Of("qemu-img", "check", "-q", flight.SourceImage).MustSucceed();
        var info = ProgramRun.Of("qemu-img", "info", flight.SourceImage).MustSucceed().Output;
        Assert.DoesNotContain("in-use", info, StringComparison.Ordinal);
    }
}
