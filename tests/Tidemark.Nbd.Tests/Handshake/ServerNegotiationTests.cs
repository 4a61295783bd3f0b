using Tidemark.Nbd.Handshake;

namespace Tidemark.Nbd.Tests.Handshake;

/// <summary>What the reference's server answers, recorded from its daemon, unless a test says otherwise.</summary>
public sealed class ServerNegotiationTests
{
    private const string RoInfo = "info 00000000000004000000050f";
    private const string BlockInfo = "info 0003000000010000100002000000";

    [Fact]
    public void The_greeting_offers_fixed_newstyle_without_zeroes() =>
        Assert.Equal("4e42444d41474943" + "49484156454f5054" + "0003", Hex.Text(new Haggler().Greeting));

    [Fact]
    public void Exports_are_listed_with_their_descriptions() =>
        Assert.Equal(["server rohello", "server rw", "ack"], new Haggler().Ask(3));

    [Theory]
    [InlineData(3, "error 3 option 'list' has unexpected length")]
    [InlineData(5, "error 3 option 'starttls' has unexpected length")]
    [InlineData(8, "error 3 option 'structured reply' has unexpected length")]
    [InlineData(11, "error 3 option 'extended headers' has unexpected length")]
    [InlineData(99, "error 1 Unsupported option 99 (<unknown>)")]
    [InlineData(4, "error 1 Unsupported option 4 (<unknown>)")]
    public void An_option_with_data_it_must_not_have_is_refused(int option, string reply) =>
        Assert.Equal([reply], new Haggler().Ask((uint)option, 1, 2, 3));

    [Fact]
    public void Starttls_is_refused_by_policy() => Assert.Equal(["error 2 TLS not configured"], new Haggler().Ask(5));

    [Fact]
    public void Info_tells_the_name_only_when_asked()
    {
        var haggler = new Haggler();
        Assert.Equal(["info 000268656c6c6f", BlockInfo, RoInfo, "ack"], haggler.Ask(6, Words.Info("ro")));
        Assert.Equal(
            ["info 0001726f", "info 000268656c6c6f", BlockInfo, RoInfo, "ack"],
            haggler.Ask(6, Words.Info("ro", 0, 1, 2, 3, 77))
        );
        Assert.Equal(NegotiationState.Haggling, haggler.State);
    }

    [Fact]
    public void Go_enters_transmission_and_leaves_what_follows_to_it()
    {
        var haggler = new Haggler();
        Assert.Equal("ack", haggler.Ask(7, Words.Info("rw", 3))[^1]);
        Assert.Equal(NegotiationState.Transmission, haggler.State);
        Assert.Equal("rw", haggler.Server.Export!.Name);
        Assert.Equal(512u, haggler.Server.Info.MinimumBlock);
    }

    [Fact]
    public void Who_does_not_ask_for_block_sizes_may_use_any()
    {
        var haggler = new Haggler();
        Assert.Contains("info 000300000001" + "00001000" + "02000000", haggler.Ask(7, Words.Info("rw")));
        Assert.Equal(1u, haggler.Server.Info.MinimumBlock);
    }

    [Fact]
    public void Unknown_and_malformed_names_are_refused_with_the_reason()
    {
        var haggler = new Haggler();
        Assert.Equal(["error 6 export 'nope' not present"], haggler.Ask(6, Words.Info("nope")));
        Assert.Equal(["error 3 Inconsistent lengths in option info"], haggler.Ask(6, 0, 0));
        Assert.Equal(["error 3 Invalid name length: 9999"], haggler.Ask(6, [.. Words.Big32(9999), .. "ro"u8, 0, 0]));
        Assert.Equal(["error 3 Inconsistent lengths in option info"], haggler.Ask(6, [.. Words.Counted("ro"), 0, 3, 0, 0]));
        Assert.Equal(["error 3 option 'info' has unexpected length"], haggler.Ask(6, [.. Words.Info("ro"), 1, 2, 3]));
        Assert.Equal(["error 3 Unexpected embedded NUL in option info"], haggler.Ask(6, Words.Info("a\0b")));
        Assert.StartsWith("error 6 export", haggler.Ask(6, [.. Words.Big32(2), 0xff, 0xfe, 0, 0])[0], StringComparison.Ordinal);
        Assert.Equal(NegotiationState.Haggling, haggler.State);
    }

    [Fact]
    public void Structured_replies_are_agreed_upon_once()
    {
        var haggler = new Haggler();
        Assert.Equal(["ack"], haggler.Ask(8));
        Assert.Equal(["error 3 structured reply already negotiated"], haggler.Ask(8));
        Assert.Contains("info 00000000000004000000058f", haggler.Ask(7, Words.Info("ro")));
        Assert.Equal(ReplyStyle.Structured, haggler.Server.Style);
    }

    [Fact]
    public void Extended_headers_take_precedence_and_rule_out_export_name()
    {
        var haggler = new Haggler();
        Assert.Equal(["ack"], haggler.Ask(11));
        Assert.Equal(["error 3 extended headers already negotiated"], haggler.Ask(11));
        Assert.Equal(["error 10 extended headers already negotiated"], haggler.Ask(8));
        _ = haggler.Ask(10, Words.Queries("ro", "base:allocation"));
        Assert.Contains("info 00000000000004000000158f", haggler.Ask(6, Words.Info("ro")));
        Assert.Empty(haggler.Ask(1, "ro"u8.ToArray()));
        Assert.Equal(NegotiationState.Ended, haggler.State);
    }

    [Theory]
    [InlineData(new string[0], "base:allocation qemu:allocation-depth qemu:dirty-bitmap:b0 qemu:dirty-bitmap:fine")]
    [InlineData(new[] { "base:" }, "base:allocation")]
    [InlineData(new[] { "qemu:" }, "qemu:allocation-depth qemu:dirty-bitmap:b0 qemu:dirty-bitmap:fine")]
    [InlineData(new[] { "qemu:dirty-bitmap:" }, "qemu:dirty-bitmap:b0 qemu:dirty-bitmap:fine")]
    [InlineData(new[] { "qemu:dirty-bitmap" }, "")]
    [InlineData(new[] { "base" }, "")]
    [InlineData(new[] { "foo", "", "x-foo:a", "base:foo" }, "")]
    [InlineData(new[] { "base:allocation", "base:" }, "base:allocation")]
    [InlineData(new[] { "qemu:dirty-bitmap:fine", "base:allocation" }, "base:allocation qemu:dirty-bitmap:fine")]
    public void Listing_contexts_knows_wildcards(string[] queries, string names)
    {
        var expected = names.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(n => $"context 0 {n}").Append("ack");
        Assert.Equal(expected, new Haggler().Ask(9, Words.Queries("ro", queries)));
    }

    [Fact]
    public void Selecting_contexts_takes_exact_names_and_keeps_their_ids()
    {
        var haggler = new Haggler();
        Assert.Equal(
            ["error 3 request option 'set meta context' when structured reply is not negotiated"],
            haggler.Ask(10, Words.Queries("ro", "base:allocation"))
        );
        _ = haggler.Ask(8);
        Assert.Equal(["ack"], haggler.Ask(10, Words.Queries("ro", "base:", "qemu:", "qemu:dirty-bitmap:")));
        Assert.Equal(
            ["context 0 base:allocation", "context 3 qemu:dirty-bitmap:fine", "ack"],
            haggler.Ask(10, Words.Queries("ro", "qemu:dirty-bitmap:fine", "base:allocation", "base:allocation"))
        );
        _ = haggler.Ask(7, Words.Info("ro"));
        Assert.Equal([0u, 3u], haggler.Server.Contexts.Select(c => c.Id));
    }

    [Fact]
    public void A_failed_selection_forgets_the_one_before()
    {
        var haggler = new Haggler();
        _ = haggler.Ask(8);
        _ = haggler.Ask(10, Words.Queries("ro", "base:allocation"));
        Assert.Equal(["error 6 export 'zz' not present"], haggler.Ask(10, Words.Queries("zz", "base:allocation")));
        _ = haggler.Ask(7, Words.Info("ro"));
        Assert.Empty(haggler.Server.Contexts);
    }

    [Fact]
    public void Contexts_of_one_export_do_not_count_for_another()
    {
        var haggler = new Haggler();
        _ = haggler.Ask(8);
        _ = haggler.Ask(10, Words.Queries("ro", "base:allocation"));
        _ = haggler.Ask(7, Words.Info("rw"));
        Assert.Empty(haggler.Server.Contexts);
    }

    [Fact]
    public void Queries_that_are_cut_off_are_refused()
    {
        var haggler = new Haggler();
        _ = haggler.Ask(8);
        var request = Words.Queries("ro", "base:allocation");
        Assert.Equal(["error 3 Inconsistent lengths in option set meta context"], haggler.Ask(10, request[..^1]));
        Assert.Equal(["error 3 Inconsistent lengths in option set meta context"], haggler.Ask(10));
    }

    [Fact]
    public void Export_name_is_answered_with_or_without_zeroes()
    {
        var haggler = new Haggler(clientFlags: 0);
        Assert.Equal(134, haggler.Say([.. Words.Big64(0x49484156454F5054), .. Words.Big32(1), .. Words.Counted("ro")]).Length);
        Assert.Equal(NegotiationState.Transmission, haggler.State);
        haggler = new Haggler(clientFlags: 2);
        Assert.Equal(
            "0000000004000000050f",
            Hex.Text(haggler.Say([.. Words.Big64(0x49484156454F5054), .. Words.Big32(1), .. Words.Counted("ro")]))
        );
    }

    [Fact]
    public void Abort_is_acknowledged_with_or_without_data()
    {
        var haggler = new Haggler();
        Assert.Equal(["ack"], haggler.Ask(2, 1, 2, 3));
        Assert.Equal(NegotiationState.Ended, haggler.State);
    }

    [Fact]
    public void An_option_too_long_to_keep_is_skipped_and_refused()
    {
        var haggler = new Haggler();
        _ = haggler.Ask(8);
        var queries = Enumerable.Repeat("base:allocation", 70_000).ToArray();
        Assert.Equal(["error 9 option 'set meta context' is too long"], haggler.Ask(10, Words.Queries("ro", queries)));
        Assert.Equal(["error 1 Unsupported option 99 (<unknown>)"], haggler.Ask(99, new byte[100_000]));
        Assert.Equal(["error 3 option 'list' has unexpected length"], haggler.Ask(3, new byte[100_000]));
        Assert.Equal(["server rohello", "server rw", "ack"], haggler.Ask(3));
    }

    [Theory]
    [InlineData(0x7fff_ffffu)]
    [InlineData(uint.MaxValue)]
    [InlineData((32u << 20) + 1)]
    public void A_giant_option_ends_the_connection_at_once(uint length)
    {
        var haggler = new Haggler();
        _ = haggler.Say([.. Words.Big64(0x49484156454F5054), .. Words.Big32(99), .. Words.Big32(length)]);
        Assert.Equal(NegotiationState.Ended, haggler.State);
    }

    [Fact]
    public void Violations_of_the_protocol_end_the_connection()
    {
        Assert.Equal(NegotiationState.Ended, new Haggler(clientFlags: 7).State);
        var haggler = new Haggler();
        _ = haggler.Say(new byte[16]);
        Assert.Equal(NegotiationState.Ended, haggler.State);
        haggler = new Haggler(clientFlags: 0);
        Assert.Empty(haggler.Ask(3));
        Assert.Equal(NegotiationState.Ended, haggler.State);
        haggler = new Haggler();
        Assert.Empty(haggler.Ask(1, "nope"u8.ToArray()));
        Assert.Equal(NegotiationState.Ended, haggler.State);
    }

    [Fact]
    public void A_server_that_goes_away_refuses_all_but_abort()
    {
        var haggler = new Haggler();
        haggler.Server.IsShuttingDown = true;
        Assert.Equal(["error 7 Server is shutting down"], haggler.Ask(7, Words.Info("ro")));
        Assert.Equal(["ack"], haggler.Ask(2));
    }

    [Fact]
    public void Bytes_one_by_one_give_the_same_answers()
    {
        var haggler = new Haggler();
        byte[] talk =
        [
            .. Words.Big64(0x49484156454F5054),
            .. Words.Big32(6),
            .. Words.Big32((uint)Words.Info("nope", 1, 2).Length),
            .. Words.Info("nope", 1, 2),
        ];
        var answers = talk.SelectMany(b => haggler.Say(b)).ToArray();
        Assert.EndsWith(Hex.Text("export 'nope' not present"u8), Hex.Text(answers), StringComparison.Ordinal);
    }

    [Fact]
    public void Noise_never_makes_it_fail_or_grow()
    {
        for (var seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            var haggler = new Haggler();
            for (var i = 0; i < 20 && haggler.State == NegotiationState.Haggling; i++)
            {
                var data = new byte[random.Next(80)];
                random.NextBytes(data);
                if (random.Next(2) == 0)
                {
                    // Lengths that could almost be right get deeper than noise does.
                    data = [.. Words.Big32((uint)random.Next(6)), .. data.Select(b => (byte)(b & 3))];
                }
                var answer = haggler.Say([
                    .. Words.Big64(0x49484156454F5054),
                    .. Words.Big32((uint)random.Next(13)),
                    .. Words.Big32((uint)(data.Length + (random.Next(20) == 0 ? random.Next(-3, 3) : 0)) & 0xffff),
                    .. data,
                ]);
                Assert.True(answer.Length < 10_000, $"seed {seed}");
            }
        }
    }
}
