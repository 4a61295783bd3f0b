using Tidemark.Core.Errors;
using Tidemark.Nbd.Client;

namespace Tidemark.Nbd.Tests.Client;

public sealed class ClientHandshakeTests
{
    private const string Newstyle = "4e42444d41474943 49484156454f5054 0003";
    private const string Reply = "0003e889045565a9";
    private const string NoExtended = Reply + "0000000b 80000001 00000000";
    private const string NoStructured = Reply + "00000008 80000001 00000000";
    private const string Export = Reply + "00000007 00000003 0000000c 0000 0000000000100000 0001";
    private const string Ack = Reply + "00000007 00000001 00000000";

    [Fact]
    public void A_server_that_knows_only_export_name_is_understood() =>
        TestLoop.Run(async () =>
        {
            var client = await OpenAsync(
                Newstyle + NoExtended + NoStructured + Reply + "00000007 80000001 00000000 0000000000100000 0005"
            );
            Assert.Equal(ReplyStyle.Simple, client.Style);
            Assert.Equal(1 << 20, client.Export.SizeBytes);
            Assert.Equal(512u, client.Export.MinimumBlock);
        });

    [Fact]
    public void Newstyle_that_is_not_fixed_is_understood() =>
        TestLoop.Run(async () =>
        {
            var client = await OpenAsync("4e42444d41474943 49484156454f5054 0000 0000000000100000 0005" + new string('0', 248));
            Assert.Equal(1 << 20, client.Export.SizeBytes);
        });

    [Fact]
    public void Block_sizes_are_taken_over_within_our_bounds() =>
        TestLoop.Run(async () =>
        {
            var sizes = Reply + "00000007 00000003 0000000e 0003 00000200 00001000 ffffffff";
            var client = await OpenAsync(Newstyle + NoExtended + NoStructured + sizes + Export + Ack);
            Assert.Equal(
                (512u, 4096u, 32u << 20),
                (client.Export.MinimumBlock, client.Export.PreferredBlock, client.Export.MaximumPayload)
            );
        });

    [Fact]
    public void A_missing_export_is_told_in_the_servers_words_too() =>
        TestLoop.Run(async () =>
        {
            var e = await Assert.ThrowsAsync<BlockException>(async () =>
                _ = await OpenAsync(Newstyle + NoExtended + NoStructured + Reply + "00000007 80000006 00000003 6e6f21")
            );
            Assert.Equal(BlockErrorKind.NotFound, e.Kind);
            Assert.Equal("Requested export not available", e.Message);
            Assert.Equal("server reported: no!", e.Hint);
        });

    [Theory]
    [InlineData("wrong first magic", "4e42444d41474944 49484156454f5054 0003")]
    [InlineData("old style", "4e42444d41474943 0000420281861253 0003")]
    [InlineData("cut off", "4e42444d4147")]
    [InlineData("reply with a wrong magic", Newstyle + "0003e889045565aa 0000000b 80000001 00000000")]
    [InlineData("reply to another option", Newstyle + Reply + "00000003 80000001 00000000")]
    [InlineData("reply that is too long", Newstyle + Reply + "0000000b 80000001 7fffffff")]
    [InlineData("acknowledgement with data", Newstyle + Reply + "0000000b 00000001 00000001 00")]
    [InlineData("no size", Newstyle + NoExtended + NoStructured + Ack)]
    [InlineData(
        "information of a wrong length",
        Newstyle + NoExtended + NoStructured + Reply + "00000007 00000003 0000000b 0000 0000000000100000 00"
    )]
    [InlineData(
        "information that is too long",
        Newstyle + NoExtended + NoStructured + Reply + "00000007 00000003 0000000d 0000 0000000000100000 0001 00"
    )]
    [InlineData(
        "a size beyond 2^63",
        Newstyle + NoExtended + NoStructured + Reply + "00000007 00000003 0000000c 0000 8000000000000000 0001" + Ack
    )]
    [InlineData(
        "a block of 3",
        Newstyle + NoExtended + NoStructured + Reply + "00000007 00000003 0000000e 0003 00000003 00001000 02000000" + Export + Ack
    )]
    [InlineData(
        "a block of 0",
        Newstyle + NoExtended + NoStructured + Reply + "00000007 00000003 0000000e 0003 00000000 00001000 02000000" + Export + Ack
    )]
    [InlineData(
        "a giant block",
        Newstyle + NoExtended + NoStructured + Reply + "00000007 00000003 0000000e 0003 00020000 00020000 02000000" + Export + Ack
    )]
    [InlineData(
        "no payload",
        Newstyle + NoExtended + NoStructured + Reply + "00000007 00000003 0000000e 0003 00001000 00001000 00000000" + Export + Ack
    )]
    public void A_server_that_breaks_the_protocol_is_refused(string what, string hex) =>
        TestLoop.Run(async () =>
        {
            _ = await Assert.ThrowsAsync<BlockException>(async () => _ = await OpenAsync(hex));
            Assert.NotEmpty(what);
        });

    [Fact]
    public void A_context_that_was_not_asked_for_is_refused() =>
        TestLoop.Run(async () =>
        {
            var yes = Reply + "00000008 00000001 00000000";
            var other = Reply + "0000000a 00000004 00000007 00000000 783a79";
            _ = await Assert.ThrowsAsync<BlockException>(async () =>
                _ = await OpenAsync(Newstyle + NoExtended + yes + other, "base:allocation")
            );
        });

    [Fact]
    public void Information_without_end_is_refused() =>
        TestLoop.Run(async () =>
        {
            var flood = string.Concat(Enumerable.Repeat(Export, Limits.MaxOptionReplies + 1));
            _ = await Assert.ThrowsAsync<BlockException>(async () =>
                _ = await OpenAsync(Newstyle + NoExtended + NoStructured + flood)
            );
        });

    [Fact]
    public void Names_too_long_for_the_protocol_are_refused_before_anything_is_sent() =>
        TestLoop.Run(async () =>
        {
            var (near, _) = PipeChannel.CreatePair();
            var e = await Assert.ThrowsAsync<BlockException>(async () =>
                _ = await NbdClient.OpenAsync(near, new NbdClientOptions(new string('n', 5000), []))
            );
            Assert.Equal("export name too long to send to server", e.Message);
            Assert.Empty(near.Sent);
            Assert.True(near.IsDisposed);
        });

    [Fact]
    public void Noise_is_always_refused() =>
        TestLoop.Run(async () =>
        {
            var good = Newstyle + NoExtended + NoStructured + Export + Ack;
            for (var seed = 0; seed < 500; seed++)
            {
                var random = new Random(seed);
                var bytes = Hex.Bytes(good);
                for (var i = random.Next(1, 4); i > 0; i--)
                {
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                }
                try
                {
                    await (await OpenAsync(Hex.Text(bytes))).DisposeAsync();
                }
                catch (BlockException e)
                {
                    Assert.NotEmpty(e.Message);
                }
            }
        });

    private static async Task<NbdClient> OpenAsync(string serverSays, params string[] contexts)
    {
        var (near, _) = PipeChannel.CreatePair();
        near.Arrive(Hex.Bytes(serverSays));
        near.ArriveEnd();
        return await NbdClient.OpenAsync(near, new NbdClientOptions("x", contexts));
    }
}
