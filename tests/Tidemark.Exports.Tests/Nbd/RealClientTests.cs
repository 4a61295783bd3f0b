using System.Globalization;
using System.Text.Json;
using Tidemark.Bitmaps;
using Tidemark.Core.Units;
using Tidemark.Exports.Nbd;
using Tidemark.Testing;

namespace Tidemark.Exports.Tests.Nbd;

/// <summary>The server as clients see it that we did not write: libnbd's tools, fio, the real qemu-img and qemu-io.</summary>
public sealed class RealClientTests
{
    private const long Size = 64 << 20;

    [Fact]
    public void Nbdinfo_tells_what_it_tells_of_the_reference()
    {
        Need("nbdinfo");
        using var served = new ServedGraph();
        _ = served.AddFile("n", Size);
        served.Do(() => served.Graph.Require("n").Bitmaps.Add("b0", recording: false));
        served.Export(new NbdExportOptions("ro", "n", "ro", "hello", Bitmaps: [new("b0")], AllocationDepth: true));
        served.Export(new NbdExportOptions("rw", "n", "rw", Writable: true));
        var info = JsonDocument
            .Parse(ProgramRun.Of("nbdinfo", "--json", "--list", served.Uri("")).MustSucceed().Output)
            .RootElement;
        Assert.Equal("newstyle-fixed", info.GetProperty("protocol").GetString());
        Assert.True(info.GetProperty("structured").GetBoolean());
        var exports = info.GetProperty("exports").EnumerateArray().ToArray();
        Assert.Equal(["ro", "rw"], exports.Select(e => e.GetProperty("export-name").GetString()));
        Assert.Equal("hello", exports[0].GetProperty("description").GetString());
        Assert.Equal(
            ["base:allocation", "qemu:allocation-depth", "qemu:dirty-bitmap:b0"],
            exports[0].GetProperty("contexts").EnumerateArray().Select(c => c.GetString())
        );
        AssertFlags(exports[0], "is_read_only can_cache can_df can_flush can_fua can_multi_conn");
        AssertFlags(exports[1], "can_cache can_df can_fast_zero can_flush can_fua can_multi_conn can_trim can_zero");
        Assert.Equal(
            (1, 4096, 33554432, Size),
            (
                exports[0].GetProperty("block_size_minimum").GetInt32(),
                exports[0].GetProperty("block_size_preferred").GetInt32(),
                exports[0].GetProperty("block_size_maximum").GetInt32(),
                exports[0].GetProperty("export-size").GetInt64()
            )
        );
    }

    [Fact]
    public void A_server_for_one_connection_does_not_offer_more()
    {
        Need("nbdinfo");
        using var served = new ServedGraph(maxConnections: 1);
        served.Add("""{"driver": "null-co", "node-name": "n", "size": 1048576}""");
        served.Export("n");
        Assert.Equal(2, ProgramRun.Of("nbdinfo", "--can", "multi-conn", served.Uri("n")).ExitCode);
    }

    [Fact]
    public void Nbdinfo_maps_allocation_and_bitmaps()
    {
        Need("nbdinfo");
        using var served = new ServedGraph();
        var path = served.AddFile("n", Size);
        using (var file = File.OpenWrite(path))
        {
            file.Position = 1 << 20;
            file.Write(Enumerable.Repeat((byte)7, 128 << 10).ToArray());
        }
        served.Do(() =>
        {
            var bitmap = served.Graph.Require("n").Bitmaps.Add("b", recording: false);
            bitmap.Content.Set(new ByteRange(65536, 65536));
            bitmap.Content.Set(new ByteRange(Size - 65536, 65536));
        });
        served.Export("n", writable: false, "b");
        Assert.Equal("0 1048576 3|1048576 131072 0|1179648 65929216 3", Map(served, "base:allocation"));
        Assert.Equal("0 65536 0|65536 65536 1|131072 66912256 0|67043328 65536 1", Map(served, "qemu:dirty-bitmap:b"));
        Assert.NotEqual(0, ProgramRun.Of("nbdinfo", "--map=qemu:dirty-bitmap:nope", served.Uri("n")).ExitCode);
    }

    [Fact]
    public void A_qcow2_image_is_mapped_as_the_real_daemon_maps_it()
    {
        Assert.SkipUnless(RealQemu.IsInstalled && ProgramRun.Exists("nbdinfo"), "qemu or nbdinfo is not installed");
        using var served = new ServedGraph();
        var (image, backing) = (served.Folder.File("image"), served.Folder.File("backing"));
        _ = ProgramRun.Of("qemu-img", "create", "-q", "-f", "qcow2", backing, "32M").MustSucceed();
        _ = ProgramRun.Of("qemu-img", "create", "-q", "-f", "qcow2", "-b", backing, "-F", "qcow2", image, "64M").MustSucceed();
        _ = ProgramRun.Of("qemu-io", "-c", "write -P 1 3M 300k", "-c", "write -z 5M 64k", backing).MustSucceed();
        _ = ProgramRun
            .Of(
                "qemu-io",
                "-c",
                "write -P 1 0 64k",
                "-c",
                "write -P 2 1M 200k",
                "-c",
                "write -z 4M 64k",
                "-c",
                "discard 1M 64k",
                image
            )
            .MustSucceed();
        var node = $$"""{"driver": "qcow2", "node-name": "n", "file": {"driver": "file", "filename": "{{image}}"} }""";
        string[] theirs;
        using (var qemu = RealQemu.Start("--blockdev", node))
        {
            _ = qemu.Execute(
                "nbd-server-start",
                $$$"""{"addr": {"type": "unix", "data": {"path": "{{{qemu.Folder}}}/nbd"} } }"""
            );
            _ = qemu.Execute("block-export-add", """{"id": "e", "type": "nbd", "node-name": "n", "allocation-depth": true}""");
            theirs = Maps($"nbd+unix:///n?socket={qemu.Folder}/nbd");
        }
        served.Add(node);
        served.Export(new NbdExportOptions("e", "n", AllocationDepth: true));
        Assert.Equal(theirs, Maps(served.Uri("n")));

        static string[] Maps(string uri) =>
            [
                .. new[] { "base:allocation", "qemu:allocation-depth" }.Select(context =>
                    ProgramRun.Of("nbdinfo", "--map=" + context, uri).MustSucceed().Output
                ),
            ];
    }

    [Fact]
    public void A_server_on_tcp_is_found_at_the_port_it_was_given()
    {
        Need("nbdinfo");
        using var served = new ServedGraph(startServer: false);
        var address = new Io.Contract.SocketAddress.Inet("127.0.0.1", 0);
        served.Do(() => served.Registry.StartNbdServerAsync(new NbdServerOptions(address)).AsTask());
        served.Add("""{"driver": "null-co", "node-name": "n", "size": 1048576}""");
        served.Export("n");
        var port = ((Io.Contract.SocketAddress.Inet)served.Registry.NbdServer!.Address).Port;
        Assert.Equal("1048576\n", ProgramRun.Of("nbdinfo", "--size", $"nbd://127.0.0.1:{port}/n").MustSucceed().Output);
    }

    [Fact]
    public void Nbdcopy_takes_an_image_in_and_out_unchanged()
    {
        Need("nbdcopy");
        using var served = new ServedGraph();
        var path = served.AddFile("n", Size);
        served.Export("n");
        var original = Noise(served.Folder.File("original"));
        _ = ProgramRun.Of("nbdcopy", original, served.Uri("n")).MustSucceed();
        AssertSame(original, path);
        var copy = served.Folder.File("copy");
        _ = ProgramRun.Of("nbdcopy", served.Uri("n"), copy).MustSucceed();
        AssertSame(original, copy);
    }

    [Fact]
    public void Fio_verifies_what_it_wrote_from_many_requests_at_once()
    {
        Need("fio");
        using var served = new ServedGraph();
        _ = served.AddFile("n", Size);
        served.Export("n");
        var run = ProgramRun.Of(
            "fio",
            "--name=x",
            "--ioengine=nbd",
            "--uri=" + served.Uri("n"),
            "--rw=randwrite",
            "--bsrange=512-256k",
            "--bs_unaligned",
            "--iodepth=32",
            "--size=48M",
            "--verify=crc32c",
            "--verify_fatal=1",
            "--randseed=7",
            "--output-format=terse"
        );
        _ = run.MustSucceed();
    }

    [Fact]
    public void Fio_verifies_against_a_disk_that_answers_late_and_out_of_order()
    {
        Need("fio");
        using var served = new ServedGraph();
        served.Add("""{"driver": "slow", "node-name": "n", "size": 33554432}""");
        served.Export("n");
        var run = ProgramRun.Of(
            "fio",
            "--name=x",
            "--ioengine=nbd",
            "--uri=" + served.Uri("n"),
            "--rw=randwrite",
            "--bsrange=512-300k",
            "--bs_unaligned",
            "--iodepth=64",
            "--size=24M",
            "--verify=crc32c",
            "--verify_fatal=1",
            "--randseed=8",
            "--output-format=terse"
        );
        _ = run.MustSucceed();
    }

    [Fact]
    public void Nbdsh_sees_holes_data_and_errors_as_the_protocol_has_them()
    {
        Assert.SkipUnless(Nbdsh("-c", "pass").ExitCode == 0, "nbdsh (python3-libnbd) is not installed");
        using var served = new ServedGraph();
        _ = served.AddFile("n", Size);
        served.Export("n");
        const string Script = """
            import errno
            h.pwrite(b"A" * 512 + b"\0" * 512, 65536)
            seen = []
            def chunk(data, offset, status, error):
                seen.append((len(data), offset, status))
            h.pread_structured(200000, 0, chunk)
            covered = sum(length for (length, offset, status) in seen)
            assert covered == 200000, seen
            assert any(status == nbd.READ_HOLE for (length, offset, status) in seen), seen
            assert any(status == nbd.READ_DATA for (length, offset, status) in seen), seen
            seen.clear()
            h.pread_structured(200000, 0, chunk, nbd.CMD_FLAG_DF)
            assert seen == [(200000, 0, nbd.READ_DATA)], seen
            seen.clear()
            h.pread_structured(4096, 1 << 20, chunk)
            assert seen == [(4096, 1 << 20, nbd.READ_HOLE)], seen
            assert h.pread(1024, 65536) == b"A" * 512 + b"\0" * 512
            extents = []
            h.block_status(65536, 0, lambda context, offset, e, error: extents.append((context, offset, e)), nbd.CMD_FLAG_REQ_ONE)
            assert extents == [("base:allocation", 0, [65536, 3])], extents
            h.set_strict_mode(0)
            for action in (lambda: h.pread(512, h.get_size()), lambda: h.zero(1, h.get_size()), lambda: h.pwrite(b"xx", h.get_size() - 1)):
                try:
                    action()
                    assert False
                except nbd.Error as e:
                    assert e.errnum == errno.EINVAL, e
            h.zero(512, 65536)
            assert h.pread(512, 65536) == bytes(512)
            h.pwrite(b"B" * 4096, 0, nbd.CMD_FLAG_FUA)
            h.trim(4096, 0, nbd.CMD_FLAG_FUA)
            h.cache(65536, 0)
            h.flush()
            h.shutdown()
            """;
        _ = Nbdsh("--base-allocation", "-u", served.Uri("n"), "-c", Script).MustSucceed();
    }

    [Fact]
    public void Qemu_io_and_qemu_img_agree_on_the_content()
    {
        Need("qemu-io");
        using var served = new ServedGraph();
        var path = served.AddFile("n", Size);
        served.Export("n");
        _ = ProgramRun
            .Of(
                "qemu-io",
                "-f",
                "raw",
                "-c",
                "write -P 1 0 64k",
                "-c",
                "write -P 2 1M 3M",
                "-c",
                "write -z -u 2M 1M",
                "-c",
                "discard 3M 64k",
                "-c",
                "write -f -P 3 10000 777",
                "-c",
                "read -P 1 0 10000",
                "-c",
                "read -P 3 10000 777",
                "-c",
                "read -P 0 2M 1M",
                "-c",
                "flush",
                served.Uri("n")
            )
            .MustSucceed();
        Assert.Equal(1, ProgramRun.Of("qemu-io", "-f", "raw", "-c", "write 64M 512", served.Uri("n")).ExitCode);
        var compare = ProgramRun.Of("qemu-img", "compare", "-f", "raw", "-F", "raw", "-U", served.Uri("n"), path);
        Assert.Equal("Images are identical.\n", compare.MustSucceed().Output);
        var copy = served.Folder.File("copy");
        _ = ProgramRun.Of("qemu-img", "convert", "-f", "raw", "-O", "raw", served.Uri("n"), copy).MustSucceed();
        AssertSame(path, copy);
    }

    [Fact]
    public void Four_connections_write_at_once_and_one_reads_it_all()
    {
        Need("qemu-img");
        using var served = new ServedGraph();
        var path = served.AddFile("n", Size);
        served.Export("n");
        var original = Noise(served.Folder.File("original"));
        _ = ProgramRun.Of("nbdcopy", "--connections=4", "--requests=32", original, served.Uri("n")).MustSucceed();
        AssertSame(original, path);
        served.Do(() => Assert.Equal(0L, served.Graph.Require("n").Bitmaps.Sum(b => b.DirtyBytes)));
    }

    [Fact]
    public void Writes_of_a_client_are_recorded_by_an_exported_bitmap()
    {
        Need("qemu-io");
        using var served = new ServedGraph();
        _ = served.AddFile("n", Size);
        served.Do(() => served.Graph.Require("n").Bitmaps.Add("b", 4096));
        served.Export("n", writable: true, "b");
        _ = ProgramRun
            .Of("qemu-io", "-f", "raw", "-c", "write -P 1 5000 10", "-c", "write -z 1M 8k", "-c", "read 2M 64k", served.Uri("n"))
            .MustSucceed();
        Assert.Equal("0 4096 0|4096 4096 1|8192 1040384 0|1048576 8192 1|1056768 66052096 0", Map(served, "qemu:dirty-bitmap:b"));
    }

    private static void Need(string program) => Assert.SkipUnless(ProgramRun.Exists(program), $"{program} is not installed");

    // The distribution's Python has the module; another one that comes first in the path has not.
    private static ProgramRun Nbdsh(params string[] arguments) =>
        ProgramRun.Of("env", ["PATH=/usr/bin:/bin", "nbdsh", .. arguments]);

    private static string Map(ServedGraph served, string context)
    {
        var output = ProgramRun.Of("nbdinfo", "--map=" + context, "--json", served.Uri("n")).MustSucceed().Output;
        var extents = JsonDocument
            .Parse(output)
            .RootElement.EnumerateArray()
            .Select(e =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{e.GetProperty("offset").GetInt64()} {e.GetProperty("length").GetInt64()} {e.GetProperty("type").GetInt64()}"
                )
            );
        return string.Join('|', extents);
    }

    private static void AssertFlags(JsonElement export, string set)
    {
        var expected = set.Split(' ');
        foreach (var flag in export.EnumerateObject().Where(p => p.Value.ValueKind is JsonValueKind.True or JsonValueKind.False))
        {
            Assert.True(expected.Contains(flag.Name) == flag.Value.GetBoolean(), flag.Name);
        }
    }

    /// <summary>A file of <see cref="Size"/> bytes, noise with holes in it.</summary>
    private static string Noise(string path)
    {
        var random = new Random(17);
        using var file = File.Create(path);
        file.SetLength(Size);
        var piece = new byte[100_000];
        for (var at = 0L; at < Size - piece.Length; at += random.Next(50_000, 1_000_000))
        {
            random.NextBytes(piece);
            file.Position = at;
            file.Write(piece);
        }
        return path;
    }

    private static void AssertSame(string one, string two) => _ = ProgramRun.Of("cmp", one, two).MustSucceed();
}
