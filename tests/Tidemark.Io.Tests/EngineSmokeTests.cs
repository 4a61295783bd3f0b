using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Io.Contract;
using Tidemark.Testing;

namespace Tidemark.Io.Tests;

public sealed class EngineSmokeTests
{
    public static TheoryData<EngineKind, bool, bool> Places =>
        new()
        {
            { EngineKind.Linux, false, false },
            { EngineKind.Linux, false, true },
            { EngineKind.Linux, true, false },
            { EngineKind.Pool, false, false },
            { EngineKind.Pool, false, true },
            { EngineKind.Pool, true, false },
        };

    [Theory, MemberData(nameof(Places))]
    public void What_was_written_is_read_back(EngineKind kind, bool inMemory, bool direct) =>
        LoopTest.Run(
            kind,
            async engine =>
            {
                using var folder = inMemory ? TempFolder.InMemory() : TempFolder.OnDisk();
                await using var file = await engine.OpenFileAsync(
                    folder.File("a"),
                    new FileOpenOptions(Writable: true, Direct: direct, Create: true)
                );
                using var buffer = AlignedBuffer.Allocate(3 << 20);
                new Random(1).NextBytes(buffer.GetSpan());
                using var target = AlignedBuffer.Allocate(4 << 20);
                Assert.Equal(IoStatus.Ok, await file.WriteAsync(0, buffer.Memory));
                Assert.Equal(IoStatus.Ok, await file.FlushAsync());
                Assert.Equal(3 << 20, file.GetLength());
                Assert.Equal(IoStatus.Ok, await file.ReadAsync(0, target.Memory));
                Assert.True(target.GetSpan()[..(3 << 20)].SequenceEqual(buffer.GetSpan()));
                Assert.False(target.GetSpan()[(3 << 20)..].ContainsAnyExcept((byte)0));
                Assert.Equal(IoStatus.Ok, await file.PunchHoleAsync(0, 1 << 20));
                Assert.Equal(new FileExtent(false, 1 << 20), file.FindExtent(0));
                Assert.Equal(IoStatus.Ok, await file.TruncateAsync(5 << 20));
                Assert.Equal(5 << 20, file.GetLength());
            }
        );

    [Theory, InlineData(EngineKind.Linux), InlineData(EngineKind.Pool)]
    public void A_socket_carries_bytes_both_ways(EngineKind kind) =>
        LoopTest.Run(
            kind,
            async engine =>
            {
                using var folder = TempFolder.InMemory();
                var address = new SocketAddress.Unix(folder.File("s"));
                await using var listener = await engine.ListenAsync(address, 4);
                var accept = listener.AcceptAsync();
                await using var client = await engine.ConnectAsync(address, CancellationToken.None);
                await using var server = await accept;
                var data = new byte[5 << 20];
                new Random(2).NextBytes(data);
                var send = client.SendAsync(data.AsMemory(0, 100), data.AsMemory(100));
                var received = new byte[data.Length];
                for (var done = 0; done < data.Length; )
                {
                    var read = await server!.ReceiveAsync(received.AsMemory(done));
                    Assert.False(read.IsEnd);
                    done += read.Count;
                }
                Assert.Equal(IoStatus.Ok, await send);
                Assert.True(data.AsSpan().SequenceEqual(received));
                client.Abort();
                Assert.True((await server!.ReceiveAsync(received)).IsEnd);
            }
        );
}
