using Tidemark.Core.Errors;
using Tidemark.Nbd.Client;
using Tidemark.Nbd.Handshake;
using Tidemark.Nbd.Transmission;

namespace Tidemark.Nbd.Tests.Client;

public sealed class NbdClientTests
{
    private const string SimpleOk = "67446698 00000000 C";
    private const string Done = "668e33ef 0001 0000 C 00000000";

    [Theory]
    [InlineData(ReplyStyle.Simple, ReplyStyle.Simple, 0x50f)]
    [InlineData(ReplyStyle.Structured, ReplyStyle.Structured, 0x58f)]
    [InlineData(ReplyStyle.Extended, ReplyStyle.Extended, 0x58f)]
    public void Both_sides_agree_on_the_newest_headers_that_the_client_wants(ReplyStyle wanted, ReplyStyle got, int flags) =>
        TestLoop.Run(async () =>
        {
            var (client, server) = await ScriptedServer.ConnectAsync(wanted);
            Assert.Equal(got, client.Style);
            Assert.Equal(got, server.Style);
            Assert.Equal(64 << 20, client.Export.SizeBytes);
            Assert.Equal((TransmissionFlags)flags, client.Export.Flags);
            await client.DisposeAsync();
            Assert.Equal(CommandType.Disconnect, (await server.TakeRequestAsync()).Type);
        });

    [Fact]
    public void Replies_out_of_order_find_their_requests() =>
        TestLoop.Run(async () =>
        {
            var (client, server) = await ScriptedServer.ConnectAsync(ReplyStyle.Simple, pieceBytes: 3);
            byte[] first = new byte[4],
                second = new byte[2];
            var readFirst = client.ReadAsync(0, first).AsTask();
            var readSecond = client.ReadAsync(4096, second).AsTask();
            var (one, two) = (await server.TakeRequestAsync(), await server.TakeRequestAsync());
            Assert.Equal((0ul, 4ul), (one.Offset, one.Length));
            await server.SayAsync(two, SimpleOk, [5, 6]);
            await server.SayAsync(one, SimpleOk, [1, 2, 3, 4]);
            Assert.Equal(IoStatus.Ok, await readFirst);
            Assert.Equal(IoStatus.Ok, await readSecond);
            Assert.Equal([1, 2, 3, 4], first);
            Assert.Equal([5, 6], second);
        });

    [Fact]
    public void A_structured_read_is_put_together_from_data_and_holes_in_any_order() =>
        TestLoop.Run(async () =>
        {
            var (client, server) = await ScriptedServer.ConnectAsync(ReplyStyle.Structured);
            var target = new byte[8];
            Array.Fill(target, (byte)0xee);
            var read = client.ReadAsync(0x1000, target).AsTask();
            var request = await server.TakeRequestAsync();
            await server.SayAsync(request, "668e33ef 0000 0001 C 0000000a 0000000000001006", [7, 8]);
            await server.SayAsync(request, "668e33ef 0000 0002 C 0000000c 0000000000001002 00000004");
            await server.SayAsync(request, "668e33ef 0001 0001 C 0000000a 0000000000001000", [1, 2]);
            Assert.Equal(IoStatus.Ok, await read);
            Assert.Equal([1, 2, 0, 0, 0, 0, 7, 8], target);
        });

    [Fact]
    public void Large_data_is_received_in_pieces_of_any_size() =>
        TestLoop.Run(async () =>
        {
            var (client, server) = await ScriptedServer.ConnectAsync(ReplyStyle.Extended, pieceBytes: 50_001);
            var expected = new byte[300_000];
            new Random(3).NextBytes(expected);
            var target = new byte[expected.Length];
            var read = client.ReadAsync(0, target).AsTask();
            var request = await server.TakeRequestAsync();
            var head =
                "6e8a278c 0001 0001 C 0000000000000000" + Hex.Text(Words.Big64((ulong)expected.Length + 8)) + "0000000000000000";
            await server.SayAsync(request, head, expected);
            Assert.Equal(IoStatus.Ok, await read);
            Assert.Equal(expected, target);
        });

    [Theory]
    [InlineData(100)]
    [InlineData(100_000)]
    public void A_write_sends_its_data_behind_its_header(int length) =>
        TestLoop.Run(async () =>
        {
            var (client, server) = await ScriptedServer.ConnectAsync(ReplyStyle.Extended);
            var data = new byte[length];
            new Random(4).NextBytes(data);
            var write = client.WriteAsync(512, data, fua: true).AsTask();
            var request = await server.TakeRequestAsync();
            Assert.Equal(CommandFlags.Fua | CommandFlags.PayloadLength, request.Flags);
            Assert.Equal(data, await server.TakeAsync(length));
            await server.SayAsync(request, "6e8a278c 0001 0000 C 0000000000000200 0000000000000000");
            Assert.Equal(IoStatus.Ok, await write);
        });

    [Fact]
    public void Errors_become_statuses_and_leave_the_connection_alone() =>
        TestLoop.Run(async () =>
        {
            var (client, server) = await ScriptedServer.ConnectAsync(ReplyStyle.Structured);
            var write = client.WriteAsync(0, new byte[1], fua: false).AsTask();
            var request = await server.TakeRequestAsync();
            _ = await server.TakeAsync(1);
            await server.SayAsync(request, "67446698 0000001c C");
            Assert.Equal(IoStatus.NoSpace, await write);
            var trim = client.TrimAsync(0, 512, fua: false).AsTask();
            await server.SayAsync(await server.TakeRequestAsync(), "668e33ef 0001 8001 C 00000009 00000001 0003 6e6f21");
            Assert.Equal(IoStatus.NotPermitted, await trim);
            var read = client.ReadAsync(0, new byte[512]).AsTask();
            await server.SayAsync(
                await server.TakeRequestAsync(),
                "668e33ef 0000 8002 C 0000000e 00000005 0000 0000000000000100 668e33ef 0001 0000 C 00000000"
            );
            Assert.Equal(IoStatus.IoError, await read);
            var flush = client.FlushAsync().AsTask();
            await server.SayAsync(await server.TakeRequestAsync(), "67446698 000003e7 C");
            Assert.Equal(IoStatus.InvalidArgument, await flush);
            Assert.Null(client.Failure);
        });

    [Fact]
    public void Block_status_is_sorted_by_context_and_cut_at_the_request() =>
        TestLoop.Run(async () =>
        {
            var (client, server) = await ScriptedServer.ConnectAsync(
                ReplyStyle.Structured,
                ["base:allocation", "qemu:dirty-bitmap:fine", "qemu:dirty-bitmap:missing"]
            );
            Assert.Equal(["base:allocation", "qemu:dirty-bitmap:fine"], client.Contexts.Select(c => c.Name));
            var result = new BlockStatusResult();
            var status = client.BlockStatusAsync(0, 0x3000, one: false, result).AsTask();
            var request = await server.TakeRequestAsync();
            await server.SayAsync(request, "668e33ef 0000 0005 C 0000000c 00000003 00100000 00000001");
            await server.SayAsync(request, "668e33ef 0001 0005 C 00000014 00000000 00001000 00000000 00001000 00000003");
            Assert.Equal(IoStatus.Ok, await status);
            Assert.Equal([new NbdExtent(0x1000, 0), new NbdExtent(0x1000, 3)], result[0]);
            Assert.Equal([new NbdExtent(0x3000, 1)], result[1]);
        });

    [Fact]
    public void More_requests_than_slots_wait_their_turn() =>
        TestLoop.Run(async () =>
        {
            var (client, server) = await ScriptedServer.ConnectAsync(ReplyStyle.Simple);
            var flushes = Enumerable.Range(0, Limits.MaxClientRequests * 3).Select(_ => client.FlushAsync().AsTask()).ToArray();
            for (var i = 0; i < flushes.Length; i++)
            {
                await server.SayAsync(await server.TakeRequestAsync(), SimpleOk);
            }
            Assert.All(await Task.WhenAll(flushes), s => Assert.Equal(IoStatus.Ok, s));
        });

    [Fact]
    public void A_lost_connection_ends_every_request_with_reset() =>
        TestLoop.Run(async () =>
        {
            var (client, server) = await ScriptedServer.ConnectAsync(ReplyStyle.Structured);
            var waiting = Enumerable.Range(0, 100).Select(i => client.ReadAsync(i * 512, new byte[512]).AsTask()).ToArray();
            _ = await server.TakeRequestAsync();
            server.Vanish();
            Assert.All(await Task.WhenAll(waiting), s => Assert.Equal(IoStatus.ConnectionReset, s));
            Assert.Equal(IoStatus.ConnectionReset, await client.FlushAsync());
            Assert.NotNull(client.Failure);
            await client.DisposeAsync();
        });

    [Theory]
    [InlineData("reply without a request", "67446698 00000000 00000000000000ff")]
    [InlineData("wrong magic", "11111111 00000000 C")]
    [InlineData("simple reply to a read", SimpleOk)]
    [InlineData("nothing at all", Done)]
    [InlineData("data before the request", "668e33ef 0001 0001 C 0000020a 0000000000000ffe")]
    [InlineData("data behind the request", "668e33ef 0001 0001 C 0000000a 00000000000011ff")]
    [InlineData("too much data", "668e33ef 0001 0001 C 00000209 0000000000001000")]
    [InlineData("giant data", "668e33ef 0001 0001 C ffffffff 0000000000001000")]
    [InlineData("too little data", "668e33ef 0001 0001 C 0000000a 0000000000001000 aabb")]
    [InlineData(
        "the same twice",
        "668e33ef 0000 0002 C 0000000c 0000000000001000 00000100 668e33ef 0001 0002 C 0000000c 0000000000001000 00000100"
    )]
    [InlineData(
        "overlap out of order",
        "668e33ef 0000 0002 C 0000000c 0000000000001100 00000100 668e33ef 0001 0002 C 0000000c 0000000000001000 00000101"
    )]
    [InlineData("empty hole", "668e33ef 0001 0002 C 0000000c 0000000000001000 00000000")]
    [InlineData("hole of a wrong length", "668e33ef 0001 0002 C 0000000d 0000000000001000 00000200 00")]
    [InlineData("empty data", "668e33ef 0001 0001 C 00000008 0000000000001000")]
    [InlineData("none that isn't last", "668e33ef 0000 0000 C 00000000")]
    [InlineData("block status for a read", "668e33ef 0001 0005 C 0000000c 00000000 00000200 00000000")]
    [InlineData("unknown chunk", "668e33ef 0001 0007 C 00000000")]
    [InlineData("giant error", "668e33ef 0001 8001 C 00100000 00000005")]
    [InlineData("error whose message is cut off", "668e33ef 0001 8001 C 00000006 00000005 0003")]
    public void A_server_that_breaks_the_protocol_loses_the_connection(string what, string hex) =>
        TestLoop.Run(async () =>
        {
            var (client, server) = await ScriptedServer.ConnectAsync(ReplyStyle.Structured);
            var target = new byte[512];
            var read = client.ReadAsync(0x1000, target).AsTask();
            var request = await server.TakeRequestAsync();
            await server.SayAsync(request, hex);
            Assert.True(await read == IoStatus.ConnectionReset, what);
            Assert.NotNull(client.Failure);
        });

    [Theory]
    [InlineData("668e33ef 0001 0005 C 00000004 00000000")]
    [InlineData("668e33ef 0001 0005 C 0000000d 00000000 00000200 00000000 00")]
    [InlineData("668e33ef 0001 0005 C 0000000c 00000000 00000000 00000000")]
    [InlineData("668e33ef 0001 0005 C 0000000c 00000009 00000200 00000000")]
    [InlineData(
        "668e33ef 0000 0005 C 0000000c 00000000 00000200 00000000 668e33ef 0001 0005 C 0000000c 00000000 00000200 00000000"
    )]
    [InlineData(SimpleOk)]
    [InlineData(Done)]
    public void Block_status_that_makes_no_sense_loses_the_connection(string hex) =>
        TestLoop.Run(async () =>
        {
            var (client, server) = await ScriptedServer.ConnectAsync(ReplyStyle.Structured, ["base:allocation"]);
            var status = client.BlockStatusAsync(0, 0x1000, one: true, new BlockStatusResult()).AsTask();
            await server.SayAsync(await server.TakeRequestAsync(), hex);
            Assert.Equal(IoStatus.ConnectionReset, await status);
        });

    [Fact]
    public void Noise_in_place_of_replies_always_ends_in_an_error() =>
        TestLoop.Run(async () =>
        {
            for (var seed = 0; seed < 300; seed++)
            {
                var random = new Random(seed);
                var style = (ReplyStyle)random.Next(3);
                var (client, server) = await ScriptedServer.ConnectAsync(style, pieceBytes: random.Next(1, 40));
                var read = client.ReadAsync(0, new byte[64]).AsTask();
                var request = await server.TakeRequestAsync();
                var head = new[] { "67446698 0000", "668e33ef 0000", "6e8a278c 0000" }[(int)style];
                var noise = new byte[60];
                random.NextBytes(noise);
                await server.SayAsync(request, head + Hex.Text(Words.Big16(random.Next(4))) + "C" + "000000", noise);
                server.Vanish();
                var status = await read;
                Assert.True(status != IoStatus.Ok || style == ReplyStyle.Simple, $"seed {seed}");
            }
        });
}
