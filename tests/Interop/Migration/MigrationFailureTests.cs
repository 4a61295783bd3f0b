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
    public void A_stream_that_is_cut_short_or_spoilt_ends_the_target_with_an_error_or_is_taken()
    {
        using var flight = MachineFlight.Between(MachineKind.Ours, MachineKind.Ours);
        _ = flight.Target.Quit();
        flight.Add("b");
        MachineFlight.Write(flight.Source, "1M 1M");
        var path = Path.Combine(flight.Source.Folder, "stream");
        _ = flight.Source.Execute("migrate", $$"""{"uri": "exec:cat > {{path}}"}""");
        Assert.Equal("completed", MachineFlight.End(flight.Source));
        var whole = File.ReadAllBytes(path);
        // What comes behind the end is for people.
        var end = whole.AsSpan().IndexOf("{\"page_size\""u8) - 6;
        for (var at = 0; at < end; at += end / 8)
        {
            Assert.Equal("failed", Load(whole[..at]));
            var spoilt = (byte[])whole.Clone();
            spoilt[at] ^= 0x10;
            Assert.Contains(Load(spoilt), (string[])["failed", "completed"]);
        }

        string Load(byte[] stream)
        {
            File.WriteAllBytes(path, stream);
            using var target = Ours.StartMachine(
                "-drive",
                $"if=none,id=drive0,node-name=node0,file={flight.TargetImage}",
                "-incoming",
                "defer",
                "-S"
            );
            _ = target.Execute("migrate-incoming", $$"""{"uri": "exec:cat {{path}}", "exit-on-error": false}""");
            var result = MachineFlight.End(target);
            Assert.Equal(0, target.Quit());
            return result;
        }
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

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_source_whose_link_breaks_at_any_byte_goes_on_with_all_its_bitmaps(bool answers)
    {
        using var flight = MachineFlight.Between(MachineKind.Ours, MachineKind.Ours, paused: false);
        if (answers)
        {
            flight.Enable("return-path");
        }
        flight.Add("t");
        flight.Add("p", ", \"persistent\": true");
        MachineFlight.Write(flight.Source, "1M 1M");
        var before = MachineFlight.Bitmaps(flight.Source);
        var length = AcceptBytes(flight, int.MaxValue);
        for (var bytes = 0; bytes < length; bytes += 37)
        {
            Assert.Equal(bytes, AcceptBytes(flight, bytes));
            Assert.Equal(before, MachineFlight.BitmapsAtRest(flight.Source));
        }
        StillWorks(flight);

        // Takes so much from a migration and hangs up; gives how much it was. Without answers the source can't know how much that is.
        int AcceptBytes(MachineFlight from, int limit)
        {
            var path = from.Socket + limit;
            using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen(1);
            _ = from.Source.Execute("migrate", $$"""{"uri": "unix:{{path}}"}""");
            using var link = listener.Accept();
            link.ReceiveTimeout = 500;
            var (taken, piece) = (0, new byte[4096]);
            while (taken < limit)
            {
                try
                {
                    var count = link.Receive(piece.AsSpan(0, Math.Min(piece.Length, limit - taken)));
                    taken += count;
                    if (count == 0)
                    {
                        break;
                    }
                }
                catch (SocketException)
                {
                    // It waits for an answer.
                    break;
                }
            }
            link.Dispose();
            var end = MachineFlight.End(from.Source);
            Assert.True(end == "failed" || !answers, $"{end} after {taken} bytes");
            if (end == "completed")
            {
                _ = from.Source.Execute("cont");
            }
            Assert.Equal("running", MachineFlight.State(from.Source));
            return taken;
        }
    }

    [Theory]
    [InlineData(MachineKind.Real)]
    [InlineData(MachineKind.Ours)]
    public void A_disk_that_others_write_to_does_not_leave(MachineKind source)
    {
        foreach (var postcopy in (bool[])[false, true])
        {
            using var flight = MachineFlight.Between(source, MachineKind.Ours, paused: false);
            flight.Add("t");
            flight.Add("p", ", \"persistent\": true");
            flight.Source.Export("node0");
            _ = flight.Source.Execute("migrate-set-parameters", $$"""{"downtime-limit": {{(postcopy ? 0 : 2_000_000)}}}""");
            flight.Go();
            if (postcopy)
            {
                Assert.Equal("active", MachineFlight.WaitFor(flight.Source, "active", "failed", "completed"));
                _ = flight.Source.Execute("migrate-start-postcopy");
            }
            Assert.Equal("failed", MachineFlight.End(flight.Source));
            Assert.False(flight.Source.Execute("query-migrate").TryGetProperty("error-desc", out _));
            Assert.Equal(1, flight.Target.WaitForExit());
            flight.Source.QemuIo("node0", "write -P 1 30M 64k");
            flight.Source.Unexport("node0");
            StillWorks(flight);
        }
    }

    // The reference does not always live to say so.
    [Theory]
    [InlineData("blockdev-backup", "")]
    [InlineData("blockdev-mirror", "")]
    [InlineData("block-stream", "'device':'drive0'")]
    [InlineData("block-commit", "'device':'drive0','top-node':'o1'")]
    [InlineData("block-commit", "'device':'drive0'")]
    public void A_machine_does_not_leave_while_a_job_is_at_its_disks(string command, string arguments)
    {
        using var flight = MachineFlight.Between(MachineKind.Ours, MachineKind.Ours, paused: false);
        flight.Add("t");
        StartCopy(flight, command, arguments);
        flight.Go();
        Assert.Equal("failed", MachineFlight.End(flight.Source));
        Assert.Equal("running", MachineFlight.State(flight.Source));
        _ = flight.Source.Execute("block-job-set-speed", """{"device": "j", "speed": 0}""");
        _ = flight.Source.Execute("job-cancel", """{"id": "j"}""");
        while (flight.Source.Execute("query-jobs").GetArrayLength() > 0)
        {
            Thread.Sleep(10);
        }
        MachineFlight.Write(flight.Source, "20M 1M");
        _ = flight.Source.Execute("migrate", """{"uri": "exec:cat > /dev/null"}""");
        Assert.Equal("completed", MachineFlight.End(flight.Source));
    }

    [Theory]
    [InlineData(MachineKind.Real)]
    [InlineData(MachineKind.Ours)]
    public void It_may_leave_with_a_mirror_that_is_ready(MachineKind source)
    {
        using var flight = MachineFlight.Between(source, MachineKind.Ours, paused: false);
        flight.Add("t");
        StartCopy(flight, "blockdev-mirror", "");
        _ = flight.Source.Execute("block-job-set-speed", """{"device": "j", "speed": 0}""");
        _ = flight.Source.WaitEvent("BLOCK_JOB_READY");
        flight.Go();
        Assert.Equal("completed", MachineFlight.End(flight.Source));
        _ = flight.Source.Execute("cont");
        _ = flight.Source.Execute("block-job-cancel", """{"device": "j"}""");
        _ = flight.Source.WaitEvent("BLOCK_JOB_COMPLETED");
    }

    private static void StartCopy(MachineFlight flight, string command, string arguments)
    {
        var machine = flight.Source;
        MachineFlight.Write(machine, "0 32M");
        var copy = Path.Combine(machine.Folder, "copy");
        _ = ProgramRun.Of("qemu-img", "create", "-q", "-f", "qcow2", copy, "64M").MustSucceed();
        _ = machine.Execute(
            "blockdev-add",
            $$$"""{"driver": "qcow2", "node-name": "copy", "file": {"driver": "file", "filename": "{{{copy}}}"}}"""
        );
        if (arguments.Length > 0)
        {
            foreach (var overlay in (string[])["o1", "o2"])
            {
                _ = machine.Execute(
                    "blockdev-snapshot-sync",
                    $$"""{"device": "drive0", "snapshot-file": "{{copy}}-{{overlay}}", "snapshot-node-name": "{{overlay}}"}"""
                );
                MachineFlight.Write(machine, "0 16M");
            }
        }
        else
        {
            arguments = "'device':'drive0','target':'copy','sync':'full'";
        }
        _ = machine.Execute(command, $"{{'job-id':'j','speed':1,{arguments}}}".Replace('\'', '"'));
    }

    [Theory]
    [InlineData("exec:true")]
    [InlineData("exec:exit 3")]
    [InlineData("exec:head -c 100 > /dev/null")]
    [InlineData("exec:cat > /dev/full")]
    [InlineData("exec:no-such-program")]
    public void A_program_that_ends_early_ends_the_migration_only(string uri)
    {
        Assert.Equal(Tell(MachineKind.Real), Tell(MachineKind.Ours));

        string Tell(MachineKind kind)
        {
            using var flight = MachineFlight.Between(kind, MachineKind.Ours, paused: false);
            flight.Add("t");
            var before = MachineFlight.Bitmaps(flight.Source);
            _ = flight.Source.Execute("migrate", $$"""{"uri": "{{uri}}"}""");
            Assert.Equal("failed", MachineFlight.End(flight.Source));
            Assert.Equal(before, MachineFlight.BitmapsAtRest(flight.Source));
            var error = flight.Source.Execute("query-migrate").GetProperty("error-desc").GetString();
            _ = flight.Source.Execute("migrate", """{"uri": "exec:cat > /dev/null"}""");
            Assert.Equal("completed", MachineFlight.End(flight.Source));
            return $"{error}";
        }
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
