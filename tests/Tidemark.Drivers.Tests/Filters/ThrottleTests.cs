using Tidemark.Block.Graph;
using Tidemark.Block.Throttling;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using static Tidemark.Drivers.Tests.Filters.SimulatedWorld;

namespace Tidemark.Drivers.Tests.Filters;

public sealed class ThrottleTests
{
    private const string Null = "{'driver':'null-co','read-zeroes':true,'size':1048576}";

    [Fact]
    public void Requests_keep_to_their_rate_in_the_long_run() =>
        Run(
            1,
            async world =>
            {
                await using var user = await OpenAsync(world, (ThrottleBucket.IopsTotal, new(100, 0, 1)));
                for (var i = 0; i < 500; i++)
                {
                    _ = await ReadAsync(user, 0, 512);
                }
                Assert.InRange(world.Now.TotalSeconds, 4.8, 5.0);
            }
        );

    [Fact]
    public void Bytes_keep_to_their_rate_whatever_the_size_of_requests() =>
        Run(
            1,
            async world =>
            {
                await using var user = await OpenAsync(world, (ThrottleBucket.BpsRead, new(1 << 20, 0, 1)));
                for (var bytes = 0; bytes < 8 << 20; )
                {
                    var length = 512 << world.Random.Next(10);
                    _ = await ReadAsync(user, 0, length);
                    bytes += length;
                }
                Assert.InRange(world.Now.TotalSeconds, 7.3, 8.5);
                // Writes have no bound here.
                var before = world.Now;
                for (var i = 0; i < 100; i++)
                {
                    Assert.Equal(IoStatus.Ok, await user.WriteAsync(new ByteRange(0, 1 << 16), new byte[1 << 16]));
                }
                Assert.Equal(before, world.Now);
            }
        );

    [Fact]
    public void A_burst_goes_at_its_own_rate_and_is_paid_for() =>
        Run(
            1,
            async world =>
            {
                await using var user = await OpenAsync(world, (ThrottleBucket.IopsWrite, new(100, 1000, 3)));
                var at = new List<double>();
                for (var i = 0; i < 4000; i++)
                {
                    Assert.Equal(IoStatus.Ok, await user.WriteZeroesAsync(new ByteRange(0, 512)));
                    at.Add(world.Now.TotalSeconds);
                }
                // 3000 requests of burst at 1000 a second, then 100 a second.
                Assert.InRange(at[2999], 2.7, 3.1);
                Assert.InRange(at[^1] - at[^101], 0.98, 1.02);
            }
        );

    [Fact]
    public void A_long_request_counts_as_several() =>
        Run(
            1,
            async world =>
            {
                var settings = Settings((ThrottleBucket.IopsTotal, new(10, 0, 1))) with { IopsSize = 4096 };
                await using var user = await OpenAsync(world, settings);
                for (var i = 0; i < 5; i++)
                {
                    _ = await ReadAsync(user, 0, 40960);
                }
                Assert.InRange(world.Now.TotalSeconds, 3.8, 4.1);
            }
        );

    [Fact]
    public void Members_of_a_group_share_its_rate_and_take_turns() =>
        Run(
            1,
            async world =>
            {
                _ = world.Graph.ThrottleGroups.Add("g", Settings((ThrottleBucket.IopsTotal, new(10, 0, 1))));
                await using var a = Use(
                    await world.AddAsync($"{{'driver':'throttle','node-name':'a','throttle-group':'g','file':{Null}}}")
                );
                await using var b = Use(
                    await world.AddAsync($"{{'driver':'throttle','node-name':'b','throttle-group':'g','file':{Null}}}")
                );
                var order = new List<char>();
                var tasks = new List<Task>();
                for (var i = 0; i < 30; i++)
                {
                    tasks.Add(NoteAsync(a, 'a'));
                }
                for (var i = 0; i < 10; i++)
                {
                    tasks.Add(NoteAsync(b, 'b'));
                }
                await Task.WhenAll(tasks);
                Assert.InRange(world.Now.TotalSeconds, 3.8, 4.0);
                // Both are served alike as long as both have something to do.
                Assert.InRange(order.FindLastIndex(static who => who == 'b'), 19, 24);

                async Task NoteAsync(BlockBackend user, char who)
                {
                    _ = await ReadAsync(user, 0, 512);
                    order.Add(who);
                }
            }
        );

    [Fact]
    public void A_drain_does_not_wait_for_the_rate() =>
        Run(
            1,
            async world =>
            {
                _ = world.Graph.ThrottleGroups.Add("g", Settings((ThrottleBucket.IopsTotal, new(1, 0, 1))));
                var below = await world.AddAsync("{'driver':'null-co','node-name':'n','read-zeroes':true}");
                _ = await world.AddAsync("{'driver':'throttle','node-name':'t','throttle-group':'g','file':'n'}");
                var top = await world.AddAsync("{'driver':'raw','node-name':'r','file':'t'}");
                var user = Use(top);
                foreach (var drained in (BlockNode[])[below, top])
                {
                    var tasks = Enumerable.Range(0, 20).Select(_ => ReadAsync(user, 0, 512)).ToArray();
                    var before = world.Now;
                    using (await world.Graph.DrainAsync(drained))
                    {
                        Assert.Equal(0, user.InFlight);
                    }
                    await Task.WhenAll(tasks);
                    Assert.Equal(before, world.Now);
                }
                // What was lifted is paid for afterwards.
                var late = ReadAsync(user, 0, 512);
                await world.DelayAsync(20_000);
                Assert.False(late.IsCompleted);
                // And a user that goes does not wait for it.
                var now = world.Now;
                await user.DisposeAsync();
                Assert.Equal(now, world.Now);
                _ = await late;
            }
        );

    [Fact]
    public void New_bounds_hold_for_those_who_wait() =>
        Run(
            1,
            async world =>
            {
                await using var user = await OpenAsync(world, (ThrottleBucket.IopsTotal, new(1, 0, 1)));
                var tasks = Enumerable.Range(0, 100).Select(_ => ReadAsync(user, 0, 512)).ToArray();
                world.Graph.ThrottleGroups.Require("g").Configure(Settings((ThrottleBucket.IopsTotal, new(1000, 0, 1))));
                await Task.WhenAll(tasks);
                Assert.InRange(world.Now.TotalSeconds, 0, 0.1);
            }
        );

    [Fact]
    public void A_node_changes_its_group_by_reopening() =>
        Run(
            1,
            async world =>
            {
                await using var user = await OpenAsync(world, (ThrottleBucket.IopsTotal, new(1, 0, 1)));
                var slow = world.Graph.ThrottleGroups.Require("g");
                var fast = world.Graph.ThrottleGroups.Add("fast", ThrottleSettings.None);
                var tasks = Enumerable.Range(0, 10).Select(_ => ReadAsync(user, 0, 512)).ToArray();
                await world.Graph.ReopenAsync([
                    (Core.Json.JsonObject)
                        Core.Json.JsonValue.Parse("{'driver':'throttle','node-name':'t','throttle-group':'fast','file':'n'}"),
                ]);
                await Task.WhenAll(tasks);
                _ = await ReadAsync(user, 0, 512);
                Assert.Equal(TimeSpan.Zero, world.Now);
                Assert.False(slow.IsInUse);
                Assert.True(fast.IsInUse);
            }
        );

    private static ThrottleSettings Settings(params (ThrottleBucket Bucket, ThrottleLimit Limit)[] limits)
    {
        var all = ThrottleSettings.None.Limits;
        foreach (var (bucket, limit) in limits)
        {
            all = all.SetItem((int)bucket, limit);
        }
        return new(all, 0);
    }

    private static Task<BlockBackend> OpenAsync(
        SimulatedWorld world,
        params (ThrottleBucket Bucket, ThrottleLimit Limit)[] limits
    ) => OpenAsync(world, Settings(limits));

    private static async Task<BlockBackend> OpenAsync(SimulatedWorld world, ThrottleSettings settings)
    {
        _ = world.Graph.ThrottleGroups.Add("g", settings);
        _ = await world.AddAsync("{'driver':'null-co','node-name':'n','read-zeroes':true,'size':1048576}");
        return Use(await world.AddAsync("{'driver':'throttle','node-name':'t','throttle-group':'g','file':'n'}"));
    }
}
