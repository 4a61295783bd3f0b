using Tidemark.Core.Async;
using Tidemark.Io.Loop;
using Tidemark.Testing;

namespace Tidemark.Io.Tests.Loop;

public sealed class EventLoopTests
{
    [Fact]
    public void Continuations_run_in_order_on_the_loops_thread() =>
        LoopTest.RunLoop(async () =>
        {
            var loop = LoopContext.Current;
            var order = new List<int>();
            var done = new Completion<bool>();
            for (var i = 0; i < 1000; i++)
            {
                loop.Enqueue(state => order.Add((int)state!), i);
            }
            loop.Enqueue(_ => done.Set(true), null);
            Assert.Empty(order);
            _ = await done.Task;
            Assert.Equal(Enumerable.Range(0, 1000), order);
            Assert.True(loop.IsCurrent);
        });

    [Fact]
    public void Another_threads_post_wakes_a_sleeping_loop() =>
        LoopTest.RunLoop(async () =>
        {
            var loop = LoopContext.Current;
            for (var round = 0; round < 200; round++)
            {
                var done = new Completion<int>();
                var thread = new Thread(() => loop.Post(_ => done.Set(Environment.CurrentManagedThreadId), null));
                thread.Start();
                Assert.Equal(Environment.CurrentManagedThreadId, await done.Task);
                thread.Join();
            }
        });

    [Fact]
    public void What_main_throws_comes_out_of_the_run()
    {
        using var loop = new EventLoop();
        var thrown = Assert.Throws<InvalidOperationException>(() =>
            loop.Run(async () =>
            {
                await Task.Yield();
                throw new InvalidOperationException("main");
            })
        );
        Assert.Equal("main", thrown.Message);
        Assert.Null(LoopContext.CurrentOrNull);
    }

    [Fact]
    public void What_a_posted_callback_throws_comes_out_of_the_run()
    {
        using var loop = new EventLoop();
        var never = new Completion<bool>();
        _ = Assert.Throws<InvalidOperationException>(() =>
            loop.Run(async () =>
            {
                loop.Post(_ => throw new InvalidOperationException("callback"), null);
                _ = await never.Task;
            })
        );
    }

    [Fact]
    public void What_launched_work_throws_comes_out_of_the_run()
    {
        using var loop = new EventLoop();
        var never = new Completion<bool>();
        var thrown = Assert.Throws<InvalidOperationException>(() =>
            loop.Run(async () =>
            {
                LoopContext.Launch(async () =>
                {
                    await Task.Yield();
                    throw new InvalidOperationException("launched");
                });
                _ = await never.Task;
            })
        );
        Assert.Equal("launched", thrown.Message);
    }

    [Fact]
    public void A_timer_is_never_early() =>
        LoopTest.RunLoop(async () =>
        {
            var time = LoopContext.Current.Time;
            await Task.WhenAll(new[] { 30, 5, 20, 1, 10, 5 }.Select(DelayAsync));

            async Task DelayAsync(int ms)
            {
                var start = time.GetTimestamp();
                await Task.Delay(TimeSpan.FromMilliseconds(ms), time, TestContext.Current.CancellationToken);
                Assert.True(time.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(ms));
                Assert.True(LoopContext.Current.IsCurrent);
            }
        });

    [Fact]
    public void Timers_fire_in_order_of_their_due_times() =>
        LoopTest.Simulate(
            1,
            async engine =>
            {
                var random = new Random(1);
                var order = new List<int>();
                var delays = Enumerable.Range(0, 500).Select(_ => random.Next(1, 200)).ToArray();
                await Task.WhenAll(delays.Select(DelayAsync));
                Assert.Equal(delays.Order(), order);

                async Task DelayAsync(int ms)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(ms), engine.Time, TestContext.Current.CancellationToken);
                    order.Add(ms);
                }
            }
        );

    [Fact]
    public void A_cancelled_delay_ends_at_once() =>
        LoopTest.RunLoop(async () =>
        {
            using var cancel = new CancellationTokenSource();
            var delay = LoopContext.Current.DelayAsync(TimeSpan.FromDays(1), cancel.Token);
            LoopContext.Current.Enqueue(_ => cancel.Cancel(), null);
            _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await delay);
        });

    [Fact]
    public void A_token_times_out_on_the_loops_clock() =>
        LoopTest.RunLoop(async () =>
        {
            using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(5), LoopContext.Current.Time);
            var thread = -1;
            using var registration = cancel.Token.Register(() => thread = Environment.CurrentManagedThreadId);
            _ = await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
                await LoopContext.Current.DelayAsync(TimeSpan.FromDays(1), cancel.Token)
            );
            Assert.Equal(Environment.CurrentManagedThreadId, thread);
        });

    [Fact]
    public void A_busy_loop_still_serves_its_timers()
    {
        using var loop = new EventLoop();
        var stop = false;
        loop.Run(async () =>
        {
            void Spin(object? state)
            {
                if (!stop)
                {
                    loop.Enqueue(Spin, null);
                }
            }
            Spin(null);
            await loop.DelayAsync(TimeSpan.FromMilliseconds(3), CancellationToken.None);
            stop = true;
        });
        Assert.True(stop);
    }

    [Fact]
    public async Task A_loop_on_its_own_thread_serves_others()
    {
        LoopTest.ThrowOnBrokenInvariants();
        await using var thread = LoopThread.Start("other");
        var id = 0;
        await thread.InvokeAsync(async () =>
        {
            await Task.Yield();
            Assert.Same(thread.Loop, LoopContext.Current);
            id = Environment.CurrentManagedThreadId;
        });
        Assert.NotEqual(0, id);
        _ = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            thread.InvokeAsync(() => throw new InvalidOperationException("there"))
        );
    }
}
