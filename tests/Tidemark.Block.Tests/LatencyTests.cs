using Tidemark.Block.Accounting;
using Tidemark.Core.Errors;
using Tidemark.Testing;

namespace Tidemark.Block.Tests;

public sealed class LatencyTests
{
    [Fact]
    public void Requests_fall_into_the_bins_that_their_latency_says() =>
        Run(
            async (accounting, wait) =>
            {
                accounting.SetHistogram(AccountedOperation.Read, new LatencyHistogram([1_000_000, 5_000_000]));
                foreach (var milliseconds in (int[])[0, 0, 1, 4, 5, 6, 100])
                {
                    var begin = accounting.Now;
                    await wait(milliseconds);
                    accounting.Finish(AccountedOperation.Read, 512, IoStatus.Ok, begin);
                    accounting.Finish(AccountedOperation.Write, 512, IoStatus.Ok, begin);
                }
                var histogram = accounting.HistogramOf(AccountedOperation.Read);
                Assert.Equal([2, 2, 3], histogram!.Bins); // it was set above
                Assert.Null(accounting.HistogramOf(AccountedOperation.Write));
                accounting.SetHistogram(AccountedOperation.Read, null);
                Assert.Null(accounting.HistogramOf(AccountedOperation.Read));
            }
        );

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(7, 7)]
    [InlineData(7, 6)]
    public void Boundaries_that_do_not_ascend_are_refused(params int[] boundaries) =>
        Assert.Throws<BlockException>(() => new LatencyHistogram([.. boundaries.Select(static one => (long)one)]));

    [Fact]
    public void An_interval_tells_of_the_last_of_its_length_only() =>
        Run(
            async (accounting, wait) =>
            {
                accounting.AddInterval(10);
                var interval = Assert.Single(accounting.Intervals);
                Assert.Equal(default, interval.Of(AccountedOperation.Write));
                foreach (var milliseconds in (int[])[1000, 3000])
                {
                    var begin = accounting.Now;
                    await wait(milliseconds);
                    accounting.Finish(AccountedOperation.Write, 512, IoStatus.Ok, begin);
                }
                var writes = interval.Of(AccountedOperation.Write);
                Assert.InRange(writes.LeastNs, 1_000_000_000, 1_000_001_000);
                Assert.InRange(writes.MostNs, 3_000_000_000, 3_000_001_000);
                Assert.InRange(writes.AverageNs, 2_000_000_000, 2_000_001_000);
                // One at a time, all the time.
                Assert.InRange(writes.QueueDepth, 0.99, 1.01);
                Assert.Equal(default, interval.Of(AccountedOperation.Read));
                await wait(8_000);
                // The younger window has begun when both had been done.
                Assert.Equal(default, interval.Of(AccountedOperation.Write));
                var last = accounting.Now;
                await wait(10);
                accounting.Finish(AccountedOperation.Write, 512, IoStatus.Ok, last);
                Assert.InRange(interval.Of(AccountedOperation.Write).MostNs, 10_000_000, 10_001_000);
                await wait(60_000);
                Assert.Equal(default, interval.Of(AccountedOperation.Write));
            }
        );

    private static void Run(Func<BlockAccounting, Func<int, Task>, Task> body) =>
        LoopTest.Simulate(
            seed: 1,
            engine =>
                body(
                    new BlockAccounting(engine.Loop.Time),
                    milliseconds =>
                        engine.Loop.DelayAsync(TimeSpan.FromMilliseconds(milliseconds), CancellationToken.None).AsTask()
                )
        );
}
