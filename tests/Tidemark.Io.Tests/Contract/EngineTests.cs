using Tidemark.Core.Async;
using Tidemark.Core.Errors;
using Tidemark.Io.Loop;
using Tidemark.Testing;

namespace Tidemark.Io.Tests.Contract;

/// <summary>Workers, clock and life cycle, by every engine.</summary>
public sealed class EngineTests
{
    public static TheoryData<EngineKind> Kinds => [.. Enum.GetValues<EngineKind>()];

    [Theory, MemberData(nameof(Kinds))]
    public void Offloaded_work_comes_back_to_the_loop_with_its_result(EngineKind kind) =>
        LoopTest.Run(
            kind,
            async engine =>
            {
                var tasks = Enumerable
                    .Range(0, 100)
                    .Select(async i =>
                    {
                        var square = await engine.OffloadAsync(static n => n * n, i);
                        Assert.True(engine.Loop.IsCurrent);
                        return square;
                    });
                Assert.Equal(Enumerable.Range(0, 100).Select(i => i * i), await Task.WhenAll(tasks));
            }
        );

    [Theory, MemberData(nameof(Kinds))]
    public void What_offloaded_work_throws_is_thrown_on_the_loop(EngineKind kind) =>
        LoopTest.Run(
            kind,
            async engine =>
            {
                var failure = await Assert.ThrowsAsync<InvalidDataException>(async () =>
                    await engine.OffloadAsync<int, int>(static _ => throw new InvalidDataException("there"), 0)
                );
                Assert.Equal("there", failure.Message);
                Assert.True(engine.Loop.IsCurrent);
            }
        );

    [Theory, MemberData(nameof(Kinds))]
    public void A_delay_passes_on_the_engines_clock(EngineKind kind) =>
        LoopTest.Run(
            kind,
            async engine =>
            {
                var start = engine.Time.GetTimestamp();
                await engine.Loop.DelayAsync(TimeSpan.FromMilliseconds(20), CancellationToken.None);
                Assert.True(engine.Time.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(20));
            }
        );

    [Theory, MemberData(nameof(Kinds))]
    public void Disposing_closes_what_is_open(EngineKind kind) =>
        LoopTest.Run(
            kind,
            async engine =>
            {
                using var folder = TempFolder.OnDisk();
                _ = await engine.OpenFileAsync(folder.File("a"), new(true, Create: true));
                var listener = await engine.ListenAsync(new Io.Contract.SocketAddress.Unix(folder.File("s")), 1);
                var accept = listener.AcceptAsync();
                await engine.DisposeAsync();
                Assert.Null(await accept);
                Assert.Equal(LoopContext.Current, engine.Loop);
            }
        );

    [Fact]
    public async Task An_engine_on_a_thread_of_its_own_serves_files_through_its_ring()
    {
        LoopTest.ThrowOnBrokenInvariants();
        using var folder = TempFolder.OnDisk();
        await using var thread = LoopThread.Start("iothread0");
        await thread.InvokeAsync(async () =>
        {
            await using var engine = IoEngines.CreateDefault(thread.Loop, out var reason);
            Assert.StartsWith($"engine {engine.Name}: ", reason, StringComparison.Ordinal);
            await using var file = await engine.OpenFileAsync(folder.File("a"), new(true, Direct: true, Create: true));
            using var data = PlaceScope.Pattern(1 << 20, 1);
            Assert.Equal(IoStatus.Ok, await file.WriteAsync(0, data.Memory));
            Assert.Equal(IoStatus.Ok, await file.FlushAsync());
            Assert.Equal(IoStatus.Ok, await file.ReadAsync(0, data.Memory));
        });
    }
}
