using System.Diagnostics;
using System.Text;
using Tidemark.Exports.Nbd;
using Tidemark.Nbd;
using Tidemark.Nbd.Transmission;

namespace Tidemark.Exports.Tests.Nbd;

/// <summary>Clients that are wrong, slow or gone.</summary>
public sealed class NbdConnectionTests
{
    private const ulong Size = 64 << 20;

    [Theory]
    [InlineData(ReplyStyle.Simple)]
    [InlineData(ReplyStyle.Structured)]
    [InlineData(ReplyStyle.Extended)]
    public void What_is_written_is_read_back_in_every_style(ReplyStyle style)
    {
        using var served = Serve();
        using var client = new RawClient(served).Enter("n", style);
        var data = new byte[70_000];
        new Random(5).NextBytes(data);
        var flags = style == ReplyStyle.Extended ? CommandFlags.PayloadLength : CommandFlags.None;
        client.Request(CommandType.Write, 1000, (ulong)data.Length, flags, data: data);
        Assert.Equal(0u, client.Reply().Error);
        client.Request(CommandType.Read, 1000, (ulong)data.Length);
        Assert.Equal(data, client.Reply(data.Length).Data);
    }

    [Theory]
    [InlineData(CommandType.Read, Size, 512, CommandFlags.None, "operation past EOF; From: 67108864, Len: 512, Size: 67108864")]
    [InlineData(
        CommandType.Read,
        ulong.MaxValue,
        1,
        CommandFlags.None,
        "operation past EOF; From: 18446744073709551615, Len: 1, Size: 67108864"
    )]
    [InlineData(
        CommandType.WriteZeroes,
        Size - 1,
        2,
        CommandFlags.None,
        "operation past EOF; From: 67108863, Len: 2, Size: 67108864"
    )]
    [InlineData(CommandType.Read, 0, (32 << 20) + 1, CommandFlags.None, "len (33554433 ) is larger than max len (33554432)")]
    [InlineData(CommandType.Cache, 0, 64 << 20, CommandFlags.None, "len (67108864 ) is larger than max len (33554432)")]
    [InlineData(CommandType.Read, 0, 512, CommandFlags.NoHole, "unsupported flags for command read (got 0x2)")]
    [InlineData(CommandType.Flush, 0, 0, CommandFlags.NoHole, "unsupported flags for command flush (got 0x2)")]
    [InlineData(CommandType.BlockStatus, 0, 512, CommandFlags.None, "CMD_BLOCK_STATUS not negotiated")]
    [InlineData((CommandType)8, 0, 512, CommandFlags.None, "invalid request type (8) received")]
    public void A_wrong_request_is_told_so_and_harms_nothing(
        CommandType type,
        ulong offset,
        ulong length,
        CommandFlags flags,
        string message
    )
    {
        using var served = Serve();
        using var client = new RawClient(served).Enter("n", ReplyStyle.Structured);
        client.Request(type, offset, length, flags);
        var (error, text) = client.Reply();
        Assert.Equal((22u, message), (error, Encoding.UTF8.GetString(text)));
        client.Request(CommandType.Flush, 0, 0);
        Assert.Equal(0u, client.Reply().Error);
    }

    [Theory]
    [InlineData(CommandType.Write)]
    [InlineData(CommandType.WriteZeroes)]
    [InlineData(CommandType.Trim)]
    public void A_read_only_export_is_not_changed(CommandType type)
    {
        using var served = Serve(writable: false);
        using var client = new RawClient(served).Enter("n", ReplyStyle.Structured);
        client.Request(type, 0, 512, data: type == CommandType.Write ? new byte[512] : null);
        Assert.Equal("Export is read-only", Encoding.UTF8.GetString(client.Reply().Data));
    }

    [Fact]
    public void An_extended_write_without_its_flag_has_no_data_and_is_refused()
    {
        using var served = Serve();
        using var client = new RawClient(served).Enter("n", ReplyStyle.Extended);
        client.Request(CommandType.Write, 0, 512);
        Assert.Equal(22u, client.Reply().Error);
        client.Request(CommandType.Flush, 0, 5, CommandFlags.PayloadLength, data: new byte[5]);
        Assert.Equal(22u, client.Reply().Error);
        client.Request(CommandType.Trim, 0, 1UL << 40);
        Assert.Equal(22u, client.Reply().Error);
        client.Request(CommandType.Flush, 0, 0);
        Assert.Equal(0u, client.Reply().Error);
    }

    [Fact]
    public void Bytes_that_are_no_request_end_the_connection()
    {
        using var served = Serve();
        using var client = new RawClient(served).Enter("n", ReplyStyle.Structured);
        client.Send(new byte[28]);
        Assert.Equal("invalid magic (got 0x0)", Encoding.UTF8.GetString(client.Reply().Data));
        Assert.True(client.IsClosedByServer());
        AssertServes(served);
    }

    [Theory]
    [InlineData(ReplyStyle.Structured, 0xffff_ffffUL)]
    [InlineData(ReplyStyle.Extended, ulong.MaxValue)]
    public void A_write_too_large_to_be_true_ends_the_connection(ReplyStyle style, ulong length)
    {
        using var served = Serve();
        using var client = new RawClient(served).Enter("n", style);
        client.Request(CommandType.Write, 0, length, style == ReplyStyle.Extended ? CommandFlags.PayloadLength : 0);
        Assert.Equal(22u, client.Reply().Error);
        Assert.True(client.IsClosedByServer());
        AssertServes(served);
    }

    [Fact]
    public void A_client_that_vanishes_within_a_request_is_forgotten()
    {
        using var served = Serve();
        foreach (var (length, sent) in new[] { (4096u, 0), (4096u, 100), (1u << 20, 0), (1u << 20, 300_000) })
        {
            using var client = new RawClient(served).Enter("n", ReplyStyle.Structured);
            client.Request(CommandType.Write, 0, length, data: new byte[sent]);
        }
        AssertForgotten(served);
    }

    [Fact]
    public void Silence_in_the_handshake_ends_in_time()
    {
        using var served = Serve(handshakeTimeout: TimeSpan.FromMilliseconds(100));
        using var silent = new RawClient(served);
        using var slow = new RawClient(served);
        slow.Send([0, 0, 0, 3, (byte)'I']);
        using var quick = new RawClient(served).Enter("n", ReplyStyle.Structured);
        Assert.True(silent.IsClosedByServer());
        Assert.True(slow.IsClosedByServer());
        quick.Request(CommandType.Flush, 0, 0);
        Assert.Equal(0u, quick.Reply().Error);
    }

    [Fact]
    public void A_client_that_comes_before_the_exports_are_there_waits_for_them()
    {
        using var served = new ServedGraph(startServer: false);
        served.Do(() => served.Registry.HoldsClients = true);
        served.Do(() => served.Registry.StartNbdServerAsync(new NbdServerOptions(served.Address)).AsTask());
        using var early = new RawClient(served);
        Assert.False(early.HasData(200));
        _ = served.AddFile("n", (long)Size);
        served.Export("n");
        served.Do(() => served.Registry.HoldsClients = false);
        _ = early.Enter("n", ReplyStyle.Structured);
        early.Request(CommandType.Flush, 0, 0);
        Assert.Equal(0u, early.Reply().Error);
    }

    [Fact]
    public void One_more_client_than_allowed_waits_for_a_place()
    {
        using var served = Serve(maxConnections: 2);
        using var first = new RawClient(served).Enter("n", ReplyStyle.Structured);
        using var second = new RawClient(served).Enter("n", ReplyStyle.Structured);
        using var third = new RawClient(served);
        Assert.False(third.HasData(200));
        first.Dispose();
        _ = third.Enter("n", ReplyStyle.Structured);
        third.Request(CommandType.Flush, 0, 0);
        Assert.Equal(0u, third.Reply().Error);
    }

    [Fact]
    public void A_client_that_does_not_fetch_its_replies_is_not_served_without_bound()
    {
        using var served = Serve();
        using var greedy = new RawClient(served).Enter("n", ReplyStyle.Simple);
        var requests = new byte[28 * 1000];
        for (var i = 0; i < 1000; i++)
        {
            _ = new RequestHeader(0, CommandType.Read, (ulong)i, 0, 1 << 20).Write(requests.AsSpan(i * 28), ReplyStyle.Simple);
        }
        var before = Process.GetCurrentProcess().WorkingSet64;
        greedy.Send(requests);
        Thread.Sleep(500);
        AssertServes(served);
        Assert.True(Process.GetCurrentProcess().WorkingSet64 - before < 300L << 20);
        served.Do(() => served.Registry.RemoveAsync("n", ExportRemoval.Hard).AsTask());
        Assert.True(greedy.IsClosedByServer());
    }

    [Fact]
    public void Disconnecting_waits_for_what_was_asked_before()
    {
        using var served = new ServedGraph();
        served.Add("""{"driver": "slow", "node-name": "n", "size": 67108864}""");
        served.Export("n");
        using var client = new RawClient(served).Enter("n", ReplyStyle.Simple);
        for (var i = 0; i < 10; i++)
        {
            client.Request(CommandType.Write, (ulong)i * 4096, 4096, cookie: (ulong)i, data: new byte[4096]);
        }
        client.Request(CommandType.Disconnect, 0, 0);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(0u, client.Reply().Error);
        }
        Assert.True(client.IsClosedByServer());
    }

    [Fact]
    public void A_client_may_ask_for_the_status_in_some_contexts_only()
    {
        using var served = new ServedGraph();
        _ = served.AddFile("n", (long)Size);
        served.Do(() => served.Graph.Require("n").Bitmaps.Add("b"));
        served.Export("n", writable: true, "b");
        using var client = new RawClient(served).Enter("n", ReplyStyle.Extended, "base:allocation", "qemu:dirty-bitmap:b");
        client.Request(CommandType.BlockStatus, 4096, 8192);
        Assert.Equal("00000000 00000001 0000000000002000 0000000000000003", Words(client.Reply().Data));
        Assert.Equal("00000002 00000001 0000000000002000 0000000000000000", Words(client.Reply().Data));
        byte[] bitmapOnly = [0, 0, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 2];
        client.Request(CommandType.BlockStatus, 4096, 12, CommandFlags.PayloadLength, data: bitmapOnly);
        Assert.Equal("00000002 00000001 0000000000002000 0000000000000000", Words(client.Reply().Data));
        foreach (
            byte[] wrong in new[] { bitmapOnly[..8], bitmapOnly[..11], [.. bitmapOnly, 0, 0, 0, 2], [.. bitmapOnly, 0, 0, 0, 9] }
        )
        {
            client.Request(CommandType.BlockStatus, 4096, (ulong)wrong.Length, CommandFlags.PayloadLength, data: wrong);
            Assert.Equal(22u, client.Reply().Error);
        }
        client.Request(CommandType.Flush, 0, 0);
        Assert.Equal(0u, client.Reply().Error);
    }

    [Fact]
    public void A_drained_node_holds_requests_back_and_goes_on()
    {
        using var served = Serve();
        using var client = new RawClient(served).Enter("n", ReplyStyle.Simple);
        IDisposable section = null!;
        served.Do(async () => section = await served.Graph.DrainAllAsync());
        client.Request(CommandType.Write, 0, 4096, data: new byte[4096]);
        client.Request(CommandType.Read, 0, 4096);
        Assert.False(client.HasData(200));
        served.Do(section.Dispose);
        Assert.Equal(0u, client.Reply().Error);
        Assert.Equal(4096, client.Reply(4096).Data.Length);
    }

    [Fact]
    public void Serving_in_line_allocates_nothing_for_each_request()
    {
        const int Batch = 64;
        using var served = Serve();
        using var client = new RawClient(served).Enter("n", ReplyStyle.Simple);
        var requests = new byte[Batch * RequestHeader.CompactSize];
        for (var i = 0; i < Batch; i++)
        {
            var header = new RequestHeader(0, CommandType.Read, (ulong)i, (ulong)i * 8192, 4096);
            _ = header.Write(requests.AsSpan(i * RequestHeader.CompactSize), ReplyStyle.Simple);
        }
        var replies = new byte[Batch * (16 + 4096)];
        for (var warmUp = 0; warmUp < 100; warmUp++)
        {
            client.Exchange(requests, replies);
        }
        long before = 0,
            after = 0;
        served.Do(() => before = GC.GetAllocatedBytesForCurrentThread());
        for (var round = 0; round < 100; round++)
        {
            client.Exchange(requests, replies);
        }
        served.Do(() => after = GC.GetAllocatedBytesForCurrentThread());
        Assert.InRange((after - before) / (100.0 * Batch), 0, 8);
    }

    [Fact]
    public void An_export_with_a_client_goes_only_by_force()
    {
        using var served = Serve();
        using var client = new RawClient(served).Enter("n", ReplyStyle.Structured);
        var e = Assert.Throws<Core.Errors.BlockException>(() =>
            served.Do(() => served.Registry.RemoveAsync("n", ExportRemoval.Safe).AsTask())
        );
        Assert.Equal("export 'n' still in use", e.Message);
        served.Do(() => served.Registry.RemoveAsync("n", ExportRemoval.Hard).AsTask());
        Assert.True(client.IsClosedByServer());
        Assert.True(SpinWait.SpinUntil(() => served.Deleted.Count == 1, 5000));
        served.Do(() => Assert.Empty(served.Graph.Backends));
    }

    [Fact]
    public void Noise_behind_the_handshake_never_harms_the_server()
    {
        using var served = Serve();
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            using var client = new RawClient(served).Enter("n", (ReplyStyle)random.Next(3));
            for (var i = 0; i < 10; i++)
            {
                var header = new byte[RequestHeader.SizeOf(client.Style)];
                var length = random.Next(3) == 0 ? (ulong)random.NextInt64() : (ulong)random.Next(200_000);
                var offset = random.Next(3) == 0 ? (ulong)random.NextInt64() : (ulong)random.Next((int)Size);
                _ = new RequestHeader((CommandFlags)random.Next(64), (CommandType)random.Next(10), 1, offset, length).Write(
                    header,
                    client.Style
                );
                var noise = new byte[random.Next(300)];
                random.NextBytes(noise);
                if (!client.TrySend([.. header, .. noise]))
                {
                    break;
                }
            }
        }
        AssertServes(served);
        AssertForgotten(served);
    }

    private static string Words(byte[] bytes)
    {
        var hex = Convert.ToHexStringLower(bytes);
        return $"{hex[..8]} {hex[8..16]} {hex[16..32]} {hex[32..]}";
    }

    private static ServedGraph Serve(bool writable = true, int maxConnections = 100, TimeSpan? handshakeTimeout = null)
    {
        var served = new ServedGraph(maxConnections, handshakeTimeout);
        _ = served.AddFile("n", (long)Size);
        served.Export("n", writable);
        return served;
    }

    private static void AssertServes(ServedGraph served)
    {
        using var client = new RawClient(served).Enter("n", ReplyStyle.Structured);
        client.Request(CommandType.Flush, 0, 0);
        Assert.Equal(0u, client.Reply().Error);
        client.Request(CommandType.Disconnect, 0, 0);
        Assert.True(client.IsClosedByServer());
    }

    private static void AssertForgotten(ServedGraph served) =>
        Assert.True(
            SpinWait.SpinUntil(
                () =>
                {
                    var left = -1;
                    served.Do(() => left = served.Registry.NbdServer!.Connections);
                    return left == 0;
                },
                10_000
            )
        );
}
