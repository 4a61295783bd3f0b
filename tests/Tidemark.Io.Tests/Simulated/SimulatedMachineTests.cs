using Tidemark.Core.Async;
using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Io.Contract;
using Tidemark.Io.Simulated;
using Tidemark.Testing;

namespace Tidemark.Io.Tests.Simulated;

public sealed class SimulatedMachineTests
{
    private const int Seeds = 200;
    private static readonly FileOpenOptions Create = new(Writable: true, Create: true);

    public SimulatedMachineTests() => LoopTest.ThrowOnBrokenInvariants();

    [Fact]
    public void The_same_seed_repeats_step_by_step_and_another_does_not()
    {
        var first = TraceOf(11);
        Assert.Equal(first, TraceOf(11));
        Assert.NotEqual(first, TraceOf(12));
    }

    [Fact]
    public void A_run_that_can_never_end_says_so_with_its_seed()
    {
        var failure = Assert.Throws<SimulatedDeadlockException>(() =>
            new SimulatedMachine(5).Run(static engine => new Completion<bool>().Task.AsTask())
        );
        Assert.StartsWith("Seed 5: nothing is ready and no timer is pending", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_month_passes_in_no_time() =>
        new SimulatedMachine(1).Run(async engine =>
        {
            var start = engine.Time.GetUtcNow();
            await engine.Loop.DelayAsync(TimeSpan.FromDays(30), CancellationToken.None);
            Assert.True(engine.Time.GetUtcNow() - start >= TimeSpan.FromDays(30));
        });

    [Fact]
    public void A_delay_of_less_than_a_millisecond_takes_its_time() =>
        new SimulatedMachine(1).Run(async engine =>
        {
            var start = engine.Time.GetUtcNow();
            await engine.Loop.DelayAsync(TimeSpan.FromMicroseconds(300), CancellationToken.None);
            Assert.InRange((engine.Time.GetUtcNow() - start).TotalMicroseconds, 300, 301);
        });

    [Fact]
    public void A_process_that_is_killed_stops_dead_and_the_others_see_its_connections_break()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var machine = new SimulatedMachine(seed);
            var beats = 0;
            _ = machine.Run(async engine =>
            {
                var address = new SocketAddress.Unix("/peer");
                var process = machine.Start(async theirs =>
                {
                    await using var file = await theirs.OpenFileAsync("/a", Create);
                    Assert.Equal(IoStatus.Ok, file.SetSharedLock(100, held: true));
                    await using var listener = await theirs.ListenAsync(address, 1);
                    await using var peer = await listener.AcceptAsync();
                    while (true)
                    {
                        beats++;
                        Assert.Equal(IoStatus.Ok, await peer!.SendAsync(new byte[1])); // a client comes
                        Assert.Equal(IoStatus.Ok, await file.WriteAsync(0, new byte[10]));
                        await theirs.Loop.DelayAsync(TimeSpan.FromMicroseconds(50), CancellationToken.None);
                    }
                });
                ByteChannel? channel = null;
                while (channel is null)
                {
                    await engine.Loop.DelayAsync(TimeSpan.FromMilliseconds(1), CancellationToken.None);
                    channel = await ConnectAsync(engine, address);
                }
                Assert.Equal(1, (await channel.ReceiveAsync(new byte[1])).Count);
                await engine.Loop.DelayAsync(TimeSpan.FromMicroseconds(seed * 20), CancellationToken.None);
                await using var mine = await engine.OpenFileAsync("/a", new FileOpenOptions(Writable: true));
                Assert.Equal(IoStatus.Again, mine.TestExclusiveLock(100));
                process.Kill();
                var until = beats;
                Assert.True(process.IsDead && !process.HasEnded);
                await process.WaitAsync();
                Assert.Equal(IoStatus.Ok, mine.TestExclusiveLock(100));
                while (!(await channel.ReceiveAsync(new byte[100])).IsEnd) { }
                await channel.DisposeAsync();
                Assert.Null(await ConnectAsync(engine, address));
                Assert.Equal(until, beats);
            });
        }
    }

    [Fact]
    public void What_a_process_throws_the_run_throws()
    {
        var machine = new SimulatedMachine(3);
        var failure = Assert.Throws<InvalidOperationException>(() =>
            machine.Run(async engine =>
            {
                var process = machine.Start(async theirs =>
                {
                    await theirs.Loop.DelayAsync(TimeSpan.FromMilliseconds(1), CancellationToken.None);
                    throw new InvalidOperationException("their own");
                });
                await process.WaitAsync();
                await engine.Loop.DelayAsync(TimeSpan.FromDays(1), CancellationToken.None);
            })
        );
        Assert.Equal("their own", failure.Message);
    }

    [Fact]
    public void Requests_complete_in_any_order()
    {
        var orders = new HashSet<string>(StringComparer.Ordinal);
        for (var seed = 0; seed < Seeds; seed++)
        {
            var order = new List<int>();
            _ = new SimulatedMachine(seed).Run(async engine =>
            {
                await using var file = await engine.OpenFileAsync("/a", Create);
                await Task.WhenAll(Enumerable.Range(0, 3).Select(WriteAsync));

                async Task WriteAsync(int i)
                {
                    Assert.Equal(IoStatus.Ok, await file.WriteAsync(i * 10, new byte[10]));
                    order.Add(i);
                }
            });
            _ = orders.Add(string.Concat(order));
        }
        Assert.Equal(6, orders.Count);
    }

    [Fact]
    public void What_was_flushed_survives_a_power_loss_and_what_was_not_may_be_anything()
    {
        var unflushed = new HashSet<byte>();
        for (var seed = 0; seed < Seeds; seed++)
        {
            var machine = new SimulatedMachine(seed);
            var end = machine.Run(async engine =>
            {
                var file = await engine.OpenFileAsync("/a", Create);
                Assert.Equal(IoStatus.Ok, await file.WriteAsync(0, Filled(4096, 1)));
                Assert.Equal(IoStatus.Ok, await file.FlushAsync());
                Assert.Equal(IoStatus.Ok, await file.WriteAsync(2048, Filled(2048, 2)));
                Assert.Equal(IoStatus.Ok, await file.WriteAsync(2048, Filled(512, 3)));
                machine.Crash(CrashKind.PowerLoss);
                await engine.Loop.DelayAsync(TimeSpan.FromSeconds(1), CancellationToken.None);
                Assert.Fail("nothing runs after a crash");
            });
            Assert.Equal(RunEnd.Crashed, end);
            var bytes = machine.ReadFile("/a");
            Assert.False(bytes.AsSpan(0, 2048).ContainsAnyExcept((byte)1), $"seed {seed}");
            for (var sector = 2048; sector < 4096; sector += 512)
            {
                Assert.False(bytes.AsSpan(sector, 512).ContainsAnyExcept(bytes[sector]), "sectors are whole");
            }
            _ = unflushed.Add(bytes[2048]);
            // A dead run leaves a disk that the next one can use.
            Assert.Equal(
                RunEnd.Completed,
                machine.Run(async engine => await (await engine.OpenFileAsync("/a", default)).DisposeAsync())
            );
        }
        Assert.Equal(new byte[] { 1, 2, 3 }, unflushed.Order());
    }

    [Fact]
    public void A_flush_covers_only_what_had_ended_when_it_began()
    {
        var lost = 0;
        for (var seed = 0; seed < Seeds; seed++)
        {
            var machine = new SimulatedMachine(seed);
            _ = machine.Run(async engine =>
            {
                var file = await engine.OpenFileAsync("/a", Create);
                var flush = file.FlushAsync();
                Assert.Equal(IoStatus.Ok, await file.WriteAsync(0, Filled(512, 1)));
                Assert.Equal(IoStatus.Ok, await flush);
                machine.Crash(CrashKind.PowerLoss);
            });
            lost += machine.ReadFile("/a").Length == 0 ? 1 : 0;
        }
        Assert.InRange(lost, 1, Seeds - 1);
    }

    [Fact]
    public void A_killed_process_loses_nothing_that_was_acknowledged()
    {
        var halfway = new HashSet<int>();
        for (var seed = 0; seed < Seeds; seed++)
        {
            var machine = new SimulatedMachine(seed);
            _ = machine.Run(async engine =>
            {
                var file = await engine.OpenFileAsync("/a", Create);
                Assert.Equal(IoStatus.Ok, await file.WriteAsync(0, Filled(8192, 1)));
                machine.SynchronousPercent = 0;
                _ = file.WriteAsync(8192, Filled(1024, 2)).AsTask();
                machine.Crash(CrashKind.ProcessKill);
            });
            var bytes = machine.ReadFile("/a");
            Assert.True(bytes.Length >= 8192);
            Assert.False(bytes.AsSpan(0, 8192).ContainsAnyExcept((byte)1));
            _ = halfway.Add(bytes.AsSpan(8192).Count((byte)2));
        }
        Assert.Equal(new[] { 0, 512, 1024 }, halfway.Order());
    }

    [Fact]
    public void The_nth_operation_fails_and_no_other()
    {
        for (var number = 1; ; number++)
        {
            var machine = new SimulatedMachine(number);
            machine.Faults.Fail(SimulatedOperation.FileRequests, number, IoStatus.IoError, path: "/a");
            var statuses = new List<IoStatus>();
            _ = machine.Run(async engine =>
            {
                await using var other = await engine.OpenFileAsync("/b", Create);
                await using var file = await engine.OpenFileAsync("/a", Create);
                Assert.Equal(IoStatus.Ok, await other.WriteAsync(0, new byte[10]));
                statuses.Add(await file.WriteAsync(0, new byte[10]));
                statuses.Add(await file.ReadAsync(0, new byte[10]));
                statuses.Add(await file.FlushAsync());
                statuses.Add(await file.TruncateAsync(5));
            });
            if (machine.Faults.Fired == 0)
            {
                Assert.Equal(5, number);
                Assert.All(statuses, status => Assert.Equal(IoStatus.Ok, status));
                return;
            }
            Assert.Equal(IoStatus.IoError, statuses[number - 1]);
            _ = Assert.Single(statuses, status => status == IoStatus.IoError);
        }
    }

    [Fact]
    public void A_crash_after_each_write_leaves_a_prefix_when_every_write_is_flushed()
    {
        for (var number = 1; number <= 11; number++)
        {
            var machine = new SimulatedMachine(number);
            machine.Faults.CrashAfter(SimulatedOperation.Write, number, CrashKind.PowerLoss);
            var acknowledged = 0;
            var end = machine.Run(async engine =>
            {
                await using var file = await engine.OpenFileAsync("/a", Create);
                for (var i = 0; i < 10; i++)
                {
                    Assert.Equal(IoStatus.Ok, await file.WriteAsync(i * 512, Filled(512, (byte)(i + 1))));
                    Assert.Equal(IoStatus.Ok, await file.FlushAsync());
                    acknowledged++;
                }
            });
            Assert.Equal(number <= 10 ? RunEnd.Crashed : RunEnd.Completed, end);
            Assert.Equal(number - 1, acknowledged);
            var bytes = machine.ReadFile("/a");
            Assert.True(bytes.Length >= acknowledged * 512);
            for (var i = 0; i < acknowledged; i++)
            {
                Assert.Equal(i + 1, bytes[i * 512]);
            }
        }
    }

    [Fact]
    public void A_connection_breaks_where_the_plan_says()
    {
        for (var number = 1; number <= 5; number++)
        {
            var machine = new SimulatedMachine(number);
            machine.Faults.Fail(SimulatedOperation.Send, number, IoStatus.ConnectionReset);
            _ = machine.Run(async engine =>
            {
                var address = new SocketAddress.Inet("host", 10809);
                await using var listener = await engine.ListenAsync(address, 1);
                await using var client = await engine.ConnectAsync(address, CancellationToken.None);
                await using var server = await listener.AcceptAsync();
                for (var i = 1; i < number; i++)
                {
                    Assert.Equal(IoStatus.Ok, await client.SendAsync(new byte[10]));
                }
                Assert.NotEqual(IoStatus.Ok, await client.SendAsync(new byte[10]));
                Assert.Equal(IoStatus.ConnectionReset, (await server!.ReceiveAsync(new byte[1])).Status);
            });
        }
    }

    private static ulong TraceOf(int seed)
    {
        var machine = new SimulatedMachine(seed);
        _ = machine.Run(async engine =>
        {
            await using var file = await engine.OpenFileAsync("/a", Create);
            await Task.WhenAll(Enumerable.Range(0, 50).Select(async i => _ = await file.WriteAsync(i, new byte[i])));
        });
        return machine.Trace;
    }

    private static byte[] Filled(int length, byte value)
    {
        var bytes = new byte[length];
        bytes.AsSpan().Fill(value);
        return bytes;
    }

    private static async Task<ByteChannel?> ConnectAsync(IoEngine engine, SocketAddress address)
    {
        try
        {
            return await engine.ConnectAsync(address, CancellationToken.None);
        }
        catch (BlockException)
        {
            return null;
        }
    }
}
