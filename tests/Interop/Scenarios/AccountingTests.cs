using System.Text.Json;
using Tidemark.Testing;

namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>query-blockstats: what clients did is what is counted, in the members that the reference has. Q6.</summary>
public sealed class AccountingTests
{
    private const string Client = """
        for i in range(5):
            h.pwrite(b'x' * 4096, i * 8192)
        h.pwrite(b'y' * 300000, 1 << 20)
        h.zero(65536, 3 << 20)
        for i in range(7):
            h.pread(512, i * 512)
        h.pread(2 << 20, 0)
        h.trim(65536, 1 << 20)
        h.flush()
        h.flush()
        h.set_strict_mode(0)
        for wrong in (lambda: h.pread(512, 1 << 40), lambda: h.pwrite(b'z' * 512, 1 << 40)):
            try:
                wrong()
            except nbd.Error:
                pass
        """;

    private static readonly string[] Machine =
    [
        "-machine",
        "none",
        "-nodefaults",
        "-display",
        "none",
        "-drive",
        "if=none,id=drive,driver=raw,node-name=d,discard=unmap,file.driver=file,file.filename=disk",
        "-qmp",
        "stdio",
    ];

    [Theory]
    [InlineData("raw", 4 << 20)]
    [InlineData("qcow2", 4 << 20)]
    public void A_device_counts_what_its_clients_did_and_no_more(string format, long size)
    {
        using var folder = TempFolder.InMemory();
        using var daemon = Serve(folder, format, size);
        _ = Shell(daemon.NbdUri("d"), Client).MustSucceed();
        var stats = daemon.Execute("query-blockstats")[0].GetProperty("stats");
        (string Name, long Value)[] expected =
        [
            ("rd_operations", 8),
            ("rd_bytes", (7 * 512) + (2 << 20)),
            ("wr_operations", 7),
            ("wr_bytes", (5 * 4096) + 300000 + 65536),
            ("unmap_operations", 1),
            ("unmap_bytes", 65536),
            ("flush_operations", 2),
            ("invalid_rd_operations", 1),
            ("invalid_wr_operations", 1),
            ("failed_rd_operations", 0),
            ("failed_wr_operations", 0),
            ("wr_highest_offset", (3 << 20) + 65536),
        ];
        Assert.Equal(expected, expected.Select(member => (member.Name, stats.GetProperty(member.Name).GetInt64())));
        foreach (var time in (string[])["rd", "wr", "flush", "unmap"])
        {
            Assert.InRange(stats.GetProperty($"{time}_total_time_ns").GetInt64(), 1, 60_000_000_000);
        }
        Assert.InRange(stats.GetProperty("idle_time_ns").GetInt64(), 1, 60_000_000_000);
    }

    [Fact]
    public void Requests_that_fail_are_counted_apart()
    {
        using var folder = TempFolder.InMemory();
        _ = ProgramRun.Of("qemu-img", "create", "-q", "-f", "raw", folder.File("disk"), "4M").MustSucceed();
        using var daemon = Ours.StartDaemon();
        var file = $$"""{"driver": "file", "filename": "{{folder.File("disk")}}"}""";
        const string Rules =
            """[{"event": "none", "iotype": "write", "errno": 28}, {"event": "none", "iotype": "flush", "errno": 5}]""";
        _ = daemon.Execute(
            "blockdev-add",
            $$"""{"driver": "blkdebug", "node-name": "d", "image": {{file}}, "inject-error": {{Rules}} }"""
        );
        daemon.Export("d");
        const string Failing = """
            h.pread(512, 0)
            for wrong in (lambda: h.pwrite(b'z' * 512, 0), lambda: h.pwrite(b'z' * 512, 512)):
                try:
                    wrong()
                except nbd.Error:
                    pass
            """;
        _ = Shell(daemon.NbdUri("d"), Failing).MustSucceed();
        var stats = daemon.Execute("query-blockstats")[0].GetProperty("stats");
        Assert.Equal(2, stats.GetProperty("failed_wr_operations").GetInt64());
        Assert.Equal(0, stats.GetProperty("wr_operations").GetInt64());
        Assert.Equal(0, stats.GetProperty("wr_bytes").GetInt64());
        Assert.Equal(1, stats.GetProperty("rd_operations").GetInt64());
    }

    [Fact]
    public void Two_exports_of_a_node_are_one_device_whose_counts_are_summed()
    {
        using var folder = TempFolder.InMemory();
        using var daemon = Serve(folder, "raw", 4 << 20);
        _ = daemon.Execute("block-export-add", """{"id": "e", "type": "nbd", "node-name": "d", "name": "e", "writable": true}""");
        _ = Shell(daemon.NbdUri("d"), Client).MustSucceed();
        _ = Shell(daemon.NbdUri("e"), Client).MustSucceed();
        var device = Assert.Single(daemon.Execute("query-blockstats").EnumerateArray());
        Assert.Equal(16, device.GetProperty("stats").GetProperty("rd_operations").GetInt64());
        Assert.Equal(14, device.GetProperty("stats").GetProperty("wr_operations").GetInt64());
    }

    [Fact]
    public void Nodes_are_described_alike_with_their_discards_and_highest_offset()
    {
        using var pair = new DaemonPair();
        pair.Node("idle");
        pair.Node("d", "raw", options: ",'discard':'unmap'");
        pair.Export("d");
        pair.Io("d", "write 0 64k", "write 1M 3000", "write -z 2M 64k", "discard 3M 128k", "discard 5M 4k", "read 0 1M", "flush");
        _ = pair.Do("query-blockstats", "{'query-nodes':true}");
        pair.Unexport("d");
        _ = pair.Do("query-blockstats", "{'query-nodes':true}");
        _ = pair.Do("query-blockstats", "{'query-nodes':false}");
        _ = pair.Do("query-blockstats");
    }

    [Fact]
    public void A_device_has_the_members_that_the_system_emulator_gives()
    {
        using var folder = TempFolder.InMemory();
        using var daemon = Serve(folder, "raw", 4 << 20);
        _ = Shell(daemon.NbdUri("d"), Client).MustSucceed();
        var ours = daemon.Execute("query-blockstats")[0];
        Assert.Equal(0, daemon.Quit());
        const string Requests = """
            {"execute":"qmp_capabilities"} {"execute":"human-monitor-command","arguments":{"command-line":"qemu-io drive \"aio_write 0 4k\""}} {"execute":"human-monitor-command","arguments":{"command-line":"qemu-io drive aio_flush"}} {"execute":"query-blockstats"} {"execute":"quit"}
            """;
        var run = ProgramRun.Of(
            "bash",
            "-c",
            $"cd '{folder.Path}' && printf '%s' '{Requests.Trim()}' | qemu-system-x86_64 {string.Join(' ', Machine)}"
        );
        var theirs = run
            .Output.Split('\n')
            .Where(static line => line.Contains("rd_operations", StringComparison.Ordinal))
            .Select(static line => JsonDocument.Parse(line).RootElement.GetProperty("return")[0])
            .Single();
        Assert.Equal(Members(theirs), Members(ours));
    }

    // The system's python has libnbd, another one on the path need not.
    private static ProgramRun Shell(string uri, string script) =>
        ProgramRun.Of("env", "PATH=/usr/bin:/bin", "nbdsh", "-u", uri, "-c", script);

    private static IEnumerable<string> Members(JsonElement value, string path = "") =>
        value.ValueKind != JsonValueKind.Object
            ? [$"{path}: {value.ValueKind}"]
            : value
                .EnumerateObject()
                .SelectMany(member => Members(member.Value, $"{path}.{member.Name}"))
                .Order(StringComparer.Ordinal);

    private static RealQemu Serve(TempFolder folder, string format, long size)
    {
        var disk = folder.File("disk");
        _ = ProgramRun.Of("qemu-img", "create", "-q", "-f", format, disk, $"{size}").MustSucceed();
        var daemon = Ours.StartDaemon("--blockdev", $"{format},node-name=d,discard=unmap,file.driver=file,file.filename={disk}");
        daemon.Export("d");
        return daemon;
    }
}
