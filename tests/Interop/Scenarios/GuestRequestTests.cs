using System.Text.Json;
using Tidemark.Testing;

namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>
/// What becomes of a machine when a device's request fails. The reference's firmware sends one as soon as the machine runs, to look for
/// something to start from; to ours the test sends the same.
/// </summary>
public sealed class GuestRequestTests
{
    private const string FirstSector = "{\"id\": \"h\", \"operation\": \"read\", \"offset\": 0, \"length\": 512}";

    public static TheoryData<string, int> Policies =>
        new()
        {
            { "", 5 },
            { ",rerror=report", 28 },
            { ",rerror=stop", 5 },
            { ",rerror=stop", 28 },
            { ",rerror=ignore", 5 },
        };

    [Theory]
    [MemberData(nameof(Policies))]
    public void A_failed_read_has_the_same_consequences(string policy, int errno)
    {
        string[] options =
        [
            "-machine",
            "pc,accel=tcg",
            "-S",
            "-drive",
            $"if=none,id=d,node-name=n,driver=blkdebug,image.driver=null-co,image.size=64M,inject-error.0.event=none,inject-error.0.iotype=read,inject-error.0.errno={errno}",
            "-device",
            "virtio-scsi-pci",
            "-device",
            $"scsi-hd,drive=d,id=h,bootindex=1{policy}",
        ];
        using var reference = RealQemu.StartMachine(null, options);
        using var ours = Ours.StartMachine(options);
        for (var turn = 0; turn < 2; turn++)
        {
            _ = reference.Execute("cont");
            _ = ours.Execute("cont");
            if (turn == 0)
            {
                // A request that is kept is sent again by itself.
                _ = ours.Execute("x-tidemark-guest-request", FirstSector);
            }
            var failure = Next(reference);
            Assert.Equal(failure, Next(ours));
            var stops = failure.Contains("\"stop\"", StringComparison.Ordinal);
            if (stops)
            {
                _ = reference.WaitEvent("STOP");
                _ = ours.WaitEvent("STOP");
            }
            Assert.Equal(Tell(reference), Tell(ours));
            if (!stops)
            {
                break;
            }
        }
    }

    [Fact]
    public void A_write_without_space_stops_the_machine_and_goes_on_with_it()
    {
        using var folder = TempFolder.InMemory();
        var image = Path.Combine(folder.Path, "a.img");
        _ = ProgramRun.Of("qemu-img", "create", "-q", "-f", "raw", image, "1M").MustSucceed();
        using var machine = Ours.StartMachine(
            "-machine",
            "pc",
            "-blockdev",
            $"driver=blkdebug,node-name=bd,image.driver=file,image.filename={image},inject-error.0.event=none,inject-error.0.iotype=write,inject-error.0.errno=28,inject-error.0.once=on",
            "-device",
            "virtio-blk-pci,drive=bd,id=v"
        );
        _ = machine.Execute("block-dirty-bitmap-add", "{\"node\": \"bd\", \"name\": \"b\"}");
        Send(machine, "write", ", \"pattern\": 7, \"tag\": \"first\"");
        Assert.True(machine.WaitEvent("BLOCK_IO_ERROR").GetProperty("nospace").GetBoolean());
        _ = machine.WaitEvent("STOP");
        Assert.Equal("io-error", machine.Execute("query-status").GetProperty("status").GetString());
        Assert.Equal("nospace", Device(machine).GetProperty("io-status").GetString());
        Assert.Contains(
            "does not run",
            machine.ExecuteRefused("x-tidemark-guest-request", Request("read", "")),
            StringComparison.Ordinal
        );
        _ = machine.Execute("cont");
        var end = machine.WaitEvent("X_TIDEMARK_GUEST_REQUEST_COMPLETED");
        Assert.Equal("first", end.GetProperty("tag").GetString());
        Assert.False(end.TryGetProperty("error", out _));
        Assert.Equal("ok", Device(machine).GetProperty("io-status").GetString());
        Assert.Equal(
            65536,
            Device(machine).GetProperty("inserted").GetProperty("dirty-bitmaps")[0].GetProperty("count").GetInt64()
        );
        Assert.Equal(0, machine.Quit());
        Assert.Equal([.. Enumerable.Repeat((byte)7, 4096)], File.ReadAllBytes(image)[..4096]);
    }

    [Fact]
    public void Requests_are_counted_as_a_device_counts_them()
    {
        using var machine = Ours.StartMachine(
            "-machine",
            "pc",
            "-drive",
            "if=none,id=d,driver=null-co,size=1M",
            "-device",
            "virtio-blk-pci,drive=d,id=v"
        );
        foreach (var operation in (string[])["read", "write", "write-zeroes", "discard"])
        {
            Send(machine, operation, "");
            _ = machine.WaitEvent("X_TIDEMARK_GUEST_REQUEST_COMPLETED");
        }
        _ = machine.Execute(
            "x-tidemark-guest-request",
            "{\"id\": \"/machine/peripheral/v/virtio-backend\", \"operation\": \"flush\"}"
        );
        _ = machine.WaitEvent("X_TIDEMARK_GUEST_REQUEST_COMPLETED");
        var stats = machine.Execute("query-blockstats")[0].GetProperty("stats");
        Assert.Equal(1, stats.GetProperty("rd_operations").GetInt64());
        Assert.Equal(2, stats.GetProperty("wr_operations").GetInt64());
        Assert.Equal(8192, stats.GetProperty("wr_bytes").GetInt64());
        Assert.Equal(1, stats.GetProperty("unmap_operations").GetInt64());
        Assert.Equal(1, stats.GetProperty("flush_operations").GetInt64());
        foreach (
            var bad in (string[])
                [
                    "\"operation\": \"read\"",
                    "\"operation\": \"read\", \"length\": 16777217",
                    "\"operation\": \"read\", \"length\": 512, \"offset\": -1",
                    "\"operation\": \"read\", \"length\": 512, \"offset\": 9223372036854775807",
                    "\"operation\": \"flush\", \"length\": 512",
                ]
        )
        {
            _ = machine.ExecuteRefused(
                "x-tidemark-guest-request",
                $"{{\"id\": \"/machine/peripheral/v/virtio-backend\", {bad}}}"
            );
        }
    }

    [Fact]
    public void A_device_of_virtio_leaves_when_the_machine_runs()
    {
        using var machine = Ours.StartMachine(
            "-machine",
            "pc",
            "-S",
            "-blockdev",
            "null-co,node-name=n",
            "-device",
            "virtio-blk-pci,drive=n,id=v"
        );
        _ = machine.Execute("device_del", "{\"id\": \"v\"}");
        Assert.Contains(
            "already in the process of unplug",
            machine.ExecuteRefused("device_del", "{\"id\": \"v\"}"),
            StringComparison.Ordinal
        );
        _ = machine.Execute("cont");
        Assert.Equal("/machine/peripheral/v/virtio-backend", machine.WaitEvent("DEVICE_DELETED").GetProperty("path").GetString());
        Assert.Equal("v", machine.WaitEvent("DEVICE_DELETED").GetProperty("device").GetString());
        _ = machine.Execute("blockdev-del", "{\"node-name\": \"n\"}");
    }

    [Fact]
    public void A_request_ends_with_the_device_that_it_was_sent_to()
    {
        using var machine = Ours.StartMachine(
            "-machine",
            "pc",
            "-drive",
            "if=none,id=d,driver=null-co,size=1M,throttling.bps-total=1",
            "-device",
            "virtio-scsi-pci",
            "-device",
            "scsi-hd,drive=d,id=h"
        );
        for (var i = 0; i < 4; i++)
        {
            _ = machine.Execute("x-tidemark-guest-request", FirstSector);
        }
        _ = machine.Execute("device_del", "{\"id\": \"h\"}");
        _ = machine.WaitEvent("DEVICE_DELETED");
        Assert.Equal(
            0,
            machine.Execute("query-block").EnumerateArray().Count(static d => d.GetProperty("device").GetString() == "d")
        );
        Assert.Equal(0, machine.Quit());
    }

    [Fact]
    public void A_drive_without_a_medium_answers_as_one()
    {
        using var machine = Ours.StartMachine("-machine", "pc", "-device", "ide-cd,id=cd");
        foreach (var operation in (string[])["read", "write", "discard"])
        {
            _ = machine.Execute(
                "x-tidemark-guest-request",
                $"{{\"id\": \"cd\", \"operation\": \"{operation}\", \"offset\": 0, \"length\": 512}}"
            );
            Assert.Equal("No medium found", machine.WaitEvent("BLOCK_IO_ERROR").GetProperty("reason").GetString());
        }
        _ = machine.Execute("x-tidemark-guest-request", "{\"id\": \"cd\", \"operation\": \"flush\"}");
        Assert.Equal("No medium found", machine.WaitEvent("BLOCK_IO_ERROR").GetProperty("reason").GetString());
        var said = machine.Execute("human-monitor-command", "{\"command-line\": \"qemu-io -d cd \\\"read 0 512\\\"\"}");
        Assert.Equal("Error: Device has no medium\r\n", said.GetString());
        _ = machine.Execute("x-debug-query-block-graph");
        _ = machine.Execute("query-blockstats");
        _ = machine.Execute("human-monitor-command", "{\"command-line\": \"info block\"}");
        Assert.Equal(0, machine.Quit());
    }

    private static string Request(string operation, string more) =>
        $"{{\"id\": \"/machine/peripheral/v/virtio-backend\", \"operation\": \"{operation}\", \"offset\": 0, \"length\": 4096{more}}}";

    private static void Send(RealQemu machine, string operation, string more) =>
        _ = machine.Execute("x-tidemark-guest-request", Request(operation, more));

    private static JsonElement Device(RealQemu machine) =>
        machine
            .Execute("query-block")
            .EnumerateArray()
            .First(static d => d.TryGetProperty("qdev", out _) && d.TryGetProperty("inserted", out _));

    private static string Next(RealQemu machine) =>
        string.Join(
            ' ',
            machine
                .WaitEvent("BLOCK_IO_ERROR")
                .EnumerateObject()
                .OrderBy(static member => member.Name, StringComparer.Ordinal)
                .Select(static member => member.ToString())
        );

    private static string Tell(RealQemu machine)
    {
        var device = machine
            .Execute("query-block")
            .EnumerateArray()
            .First(static d => d.GetProperty("device").GetString() == "d");
        var status = machine.Execute("query-status").GetProperty("status").GetString();
        return $"{status} {device.GetProperty("io-status").GetString()} {device.GetProperty("qdev").GetString()}";
    }
}
