using System.Diagnostics;
using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Units;
using Tidemark.Io.Contract;
using Tidemark.Testing;

namespace Tidemark.Drivers.Tests.NbdClient;

/// <summary>The client against servers that we did not write.</summary>
public sealed class NbdDriverTests
{
    private const long Size = 8 << 20;

    [Fact]
    public void What_we_write_over_nbd_is_what_qemu_reads()
    {
        Need();
        using var server = new NbdServerProcess(Size, "--discard=unmap");
        RunNode(
            server.Options(""", "discard": "unmap" """),
            async node =>
            {
                await using var backend = new Use(node);
                Assert.Equal(Size, node.SizeBytes);
                Assert.Equal(IoStatus.Ok, await backend.WriteAsync(1000, Filled(5000, 1)));
                Assert.Equal(IoStatus.Ok, await backend.WriteAsync(1 << 20, Filled(3 << 20, 2)));
                Assert.Equal(
                    IoStatus.Ok,
                    await backend.It.WriteZeroesAsync(new ByteRange(2 << 20, 1 << 20), RequestFlags.MayUnmap)
                );
                Assert.Equal(IoStatus.Ok, await backend.It.DiscardAsync(new ByteRange(1 << 20, 65536)));
                Assert.Equal(IoStatus.Ok, await backend.It.WriteAsync(new ByteRange(512, 512), Filled(512, 3), RequestFlags.Fua));
                Assert.Equal(IoStatus.Ok, await backend.It.FlushAsync());
                var back = new byte[5000];
                Assert.Equal(IoStatus.Ok, await backend.It.ReadAsync(new ByteRange(1000, 5000), back));
                Assert.Equal((byte)3, back[0]);
                Assert.Equal((byte)1, back[24]);
            }
        );
        _ = ProgramRun
            .Of(
                "qemu-io",
                "-U",
                "-r",
                "-f",
                "raw",
                "-c",
                "read -P 3 512 512",
                "-c",
                "read -P 1 1024 4976",
                "-c",
                "read -P 2 1114112 983040",
                "-c",
                "read -P 0 2M 1M",
                "-c",
                "read -P 2 3M 1M",
                server.Image
            )
            .MustSucceed();
    }

    [Fact]
    public void Many_requests_in_flight_keep_to_a_shadow_copy()
    {
        Need();
        using var server = new NbdServerProcess(Size);
        RunNode(
            server.Options(),
            async node =>
            {
                await using var backend = new Use(node);
                var shadow = new byte[Size];
                var random = new Random(21);
                for (var round = 0; round < 20; round++)
                {
                    // Writers of one round keep to a stripe each: which of two overlapping writes wins is nobody's to say.
                    var writes = Enumerable.Range(0, 100).Select(i => backend.WriteSomeAsync(shadow, random, i)).ToArray();
                    Assert.All(await Task.WhenAll(writes), s => Assert.Equal(IoStatus.Ok, s));
                    var all = new byte[Size];
                    Assert.Equal(IoStatus.Ok, await backend.It.ReadAsync(new ByteRange(0, Size), all));
                    Assert.True(all.AsSpan().SequenceEqual(shadow), $"round {round}");
                }
            }
        );
    }

    [Fact]
    public void Block_status_is_what_the_server_knows()
    {
        Need();
        using var server = new NbdServerProcess(Size);
        using (var file = System.IO.File.OpenWrite(server.Image))
        {
            file.Position = 1 << 20;
            file.Write(Filled(128 << 10, 1));
        }
        RunNode(
            server.Options(),
            async node =>
            {
                var first = await node.BlockStatusAsync(new ByteRange(0, Size), wantZero: true);
                Assert.Equal((1 << 20, true, false), (first.Length, first.IsZero, first.IsData));
                var second = await node.BlockStatusAsync(new ByteRange(1 << 20, Size - (1 << 20)), wantZero: true);
                Assert.Equal(
                    (128 << 10, false, true, 1L << 20),
                    (second.Length, second.IsZero, second.IsData, second.HostOffset)
                );
            }
        );
    }

    [Fact]
    public void A_dirty_bitmap_shows_as_holes_of_unknown_content()
    {
        Need();
        using var qemu = RealQemu.Start("--blockdev", "driver=null-co,node-name=d,size=8388608,read-zeroes=on");
        _ = qemu.Execute("block-dirty-bitmap-add", """{"node": "d", "name": "b", "granularity": 65536}""");
        qemu.Export("d", "b");
        qemu.QemuIo("d", "write 64k 64k");
        var address =
            $$"""{"driver": "nbd", "node-name": "n", "export": "d", "server": {"type": "unix", "path": "{{qemu.Folder}}/nbd"}""";
        RunNode(
            address + """, "x-dirty-bitmap": "qemu:dirty-bitmap:b"}""",
            async node =>
            {
                var clean = await node.BlockStatusAsync(new ByteRange(0, Size), wantZero: true);
                Assert.Equal((65536, true), (clean.Length, clean.IsData));
                var dirty = await node.BlockStatusAsync(new ByteRange(65536, Size - 65536), wantZero: true);
                Assert.Equal((65536, false, false), (dirty.Length, dirty.IsData, dirty.IsZero));
            }
        );
        Assert.Equal(
            "Could not open image: Invalid argument",
            Refused(address + """, "x-dirty-bitmap": "qemu:dirty-bitmap:nope"}""").Message
        );
    }

    [Fact]
    public void An_export_for_reading_opens_for_writing_only_as_a_reader()
    {
        Need();
        using var server = new NbdServerProcess(Size, "-r");
        Assert.Equal("Could not open image: Permission denied", Refused(server.Options()).Message);
        RunNode(
            server.Options(""", "auto-read-only": true"""),
            node =>
            {
                Assert.True(node.IsReadOnly);
                return Task.CompletedTask;
            }
        );
    }

    [Fact]
    public void What_is_not_there_is_told_as_the_reference_tells_it()
    {
        Need();
        using var server = new NbdServerProcess(Size);
        var missing = Refused(server.Options(""", "export": "nope" """));
        Assert.Equal("Requested export not available", missing.Message);
        Assert.Equal("server reported: export 'nope' not present", missing.Hint);
        server.Kill();
        Assert.Equal($"Failed to connect to '{server.Socket}': No such file or directory", Refused(server.Options()).Message);
        Assert.Equal("No TLS credentials with id 'x'", Refused(server.Options(""", "tls-creds": "x" """)).Message);
    }

    [Fact]
    public void Opening_tries_again_for_as_long_as_it_may()
    {
        Need();
        using var server = new NbdServerProcess(Size);
        server.Kill();
        using var later = new Timer(_ => server.Start(), null, 400, Timeout.Infinite);
        RunNode(
            server.Options(""", "open-timeout": 20"""),
            node =>
            {
                Assert.Equal(Size, node.SizeBytes);
                return Task.CompletedTask;
            }
        );
    }

    [Fact]
    public void Requests_wait_for_a_server_that_comes_back()
    {
        Need();
        using var server = new NbdServerProcess(Size);
        RunNode(
            server.Options(""", "reconnect-delay": 20"""),
            async node =>
            {
                await using var backend = new Use(node);
                for (var round = 1; round <= 3; round++)
                {
                    server.Kill();
                    var writes = Enumerable
                        .Range(0, 80)
                        .Select(i => backend.WriteAsync(i * 4096L, Filled(4096, (byte)round)).AsTask())
                        .ToArray();
                    using var later = new Timer(_ => server.Start(), null, 300, Timeout.Infinite);
                    Assert.All(await Task.WhenAll(writes), s => Assert.Equal(IoStatus.Ok, s));
                    var back = new byte[80 * 4096];
                    Assert.Equal(IoStatus.Ok, await backend.It.ReadAsync(new ByteRange(0, back.Length), back));
                    Assert.DoesNotContain(back, b => b != round);
                }
            }
        );
    }

    [Fact]
    public void A_request_goes_on_over_a_connection_that_is_made_at_once() =>
        LoopTest.Run(async engine =>
        {
            var server = new PromptServer(engine);
            const string Options =
                """{"driver": "nbd", "node-name": "n", "server": {"type": "unix", "path": "s"}, "reconnect-delay": 60}""";
            var graph = new BlockGraph(server, BuiltinDrivers.CreateRegistry());
            var node = await graph.OpenAsync((JsonObject)JsonValue.Parse(Options));
            await using (var backend = new Use(node))
            {
                for (var round = 1; round <= 3; round++)
                {
                    server.Drop();
                    // Longer than the pause that a server gets which takes connections only to drop them.
                    await server.Loop.DelayAsync(TimeSpan.FromMilliseconds(60), CancellationToken.None);
                    Assert.Equal(IoStatus.Ok, await backend.WriteAsync(0, Filled(512, 1)));
                    Assert.Equal(1 + round, server.Connections);
                }
            }
            await graph.ReleaseAsync(node);
        });

    [Fact]
    public void Requests_fail_once_the_delay_is_over_and_work_when_the_server_is_back()
    {
        Need();
        using var server = new NbdServerProcess(Size);
        RunNode(
            server.Options(""", "reconnect-delay": 1"""),
            async node =>
            {
                await using var backend = new Use(node);
                server.Kill();
                var begin = Stopwatch.GetTimestamp();
                Assert.Equal(IoStatus.IoError, await backend.WriteAsync(0, Filled(512, 1)));
                Assert.InRange(Stopwatch.GetElapsedTime(begin).TotalSeconds, 0.9, 5);
                server.Start();
                var status = IoStatus.IoError;
                for (var i = 0; i < 50 && status != IoStatus.Ok; i++)
                {
                    status = await backend.WriteAsync(0, Filled(512, 1));
                    await node.Graph.Loop.DelayAsync(TimeSpan.FromMilliseconds(100), CancellationToken.None);
                }
                Assert.Equal(IoStatus.Ok, status);
            }
        );
    }

    [Fact]
    public void Giving_up_fails_what_waits_at_once()
    {
        Need();
        using var server = new NbdServerProcess(Size);
        RunNode(
            server.Options(""", "reconnect-delay": 100"""),
            async node =>
            {
                await using var backend = new Use(node);
                server.Kill();
                var waiting = backend.WriteAsync(0, Filled(512, 1)).AsTask();
                await node.Graph.Loop.DelayAsync(TimeSpan.FromMilliseconds(50), CancellationToken.None);
                Assert.False(waiting.IsCompleted);
                node.Driver.CancelInFlight();
                Assert.Equal(IoStatus.IoError, await waiting);
                // The flush of whoever closes would wait for it.
                server.Start();
            }
        );
    }

    [Fact]
    public void A_server_that_comes_back_with_another_size_is_not_taken()
    {
        Need();
        using var server = new NbdServerProcess(Size);
        RunNode(
            server.Options(""", "reconnect-delay": 1"""),
            async node =>
            {
                await using var backend = new Use(node);
                server.Kill();
                using (var file = System.IO.File.OpenWrite(server.Image))
                {
                    file.SetLength(Size / 2);
                }
                server.Start();
                Assert.Equal(IoStatus.IoError, await backend.WriteAsync(0, Filled(512, 1)));
            }
        );
    }

    [Fact]
    public void Nbdkit_with_its_own_block_sizes_is_understood()
    {
        Assert.SkipUnless(ProgramRun.Exists("nbdkit"), "nbdkit is not installed");
        using var folder = TempFolder.InMemory();
        var socket = folder.File("kit");
        using var kit = Process.Start(
            "nbdkit",
            [
                "-f",
                "-U",
                socket,
                "--filter=blocksize-policy",
                "memory",
                "8M",
                "blocksize-minimum=4096",
                "blocksize-maximum=1M",
                "blocksize-error-policy=error",
            ]
        );
        while (!System.IO.File.Exists(socket))
        {
            Thread.Sleep(10);
        }
        try
        {
            RunNode(
                $$"""{"driver": "nbd", "node-name": "n", "server": {"type": "unix", "path": "{{socket}}"} }""",
                async node =>
                {
                    Assert.Equal((4096, 1 << 20), (node.Limits.RequestAlignment, node.Limits.MaxTransfer));
                    await using var backend = new Use(node);
                    Assert.Equal(IoStatus.Ok, await backend.WriteAsync(1000, Filled(3_000_000, 9)));
                    var back = new byte[3_000_002];
                    Assert.Equal(IoStatus.Ok, await backend.It.ReadAsync(new ByteRange(999, back.Length), back));
                    Assert.Equal((0, 9, 9, 0), (back[0], back[1], back[^2], back[^1]));
                }
            );
        }
        finally
        {
            kit.Kill();
        }
    }

    [Fact]
    public void Nbd_nodes_do_not_change_their_size()
    {
        Need();
        using var server = new NbdServerProcess(Size);
        RunNode(
            server.Options(),
            async node =>
            {
                var grow = await Assert.ThrowsAsync<BlockException>(async () =>
                    await node.Driver.TruncateAsync(Size * 2, exact: false, PreallocationMode.Off)
                );
                Assert.Equal("Cannot grow NBD nodes", grow.Message);
                await node.Driver.TruncateAsync(Size / 2, exact: false, PreallocationMode.Off);
            }
        );
    }

    private static void Need() => Assert.SkipUnless(NbdServerProcess.CanRun, "qemu-nbd or qemu-io is not installed");

    private static byte[] Filled(int length, byte value)
    {
        var bytes = new byte[length];
        Array.Fill(bytes, value);
        return bytes;
    }

    private static BlockException Refused(string options) =>
        Assert.Throws<BlockException>(() => RunNode(options, static _ => Task.CompletedTask));

    private static void RunNode(string options, Func<BlockNode, Task> body) =>
        LoopTest.Run(async engine =>
        {
            var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
            var node = await graph.OpenAsync((JsonObject)JsonValue.Parse(options));
            try
            {
                await body(node);
            }
            finally
            {
                await graph.ReleaseAsync(node);
            }
        });
}
