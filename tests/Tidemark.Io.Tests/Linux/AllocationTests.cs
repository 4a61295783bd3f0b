using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Io.Contract;
using Tidemark.Testing;

namespace Tidemark.Io.Tests.Linux;

/// <summary>Requests allocate nothing: not in line, not through the ring, not by workers, not on sockets that wait.</summary>
public sealed class AllocationTests
{
    private const int Rounds = 2000;
    private const int AllocationContextBytes = 8192;

    [Theory]
    [InlineData(EngineKind.Linux, true, false)]
    [InlineData(EngineKind.Linux, false, false)]
    [InlineData(EngineKind.Linux, false, true)]
    [InlineData(EngineKind.Pool, false, true)]
    public void A_file_request_allocates_nothing(EngineKind kind, bool inMemory, bool direct) =>
        LoopTest.Run(
            kind,
            async engine =>
            {
                using var folder = inMemory ? TempFolder.InMemory() : TempFolder.OnDisk();
                await using var file = await engine.OpenFileAsync(folder.File("a"), new(true, Direct: direct, Create: true));
                using var buffer = PlaceBuffer();
                await AssertFreeAsync(async () =>
                {
                    for (var i = 0; i < Rounds; i++)
                    {
                        Check(await file.WriteAsync(0, buffer.Memory));
                        Check(await file.ReadAsync(0, buffer.Memory));
                    }
                });
            }
        );

    [Fact]
    public void A_round_trip_on_a_socket_allocates_nothing() =>
        LoopTest.Run(async engine =>
        {
            using var folder = TempFolder.InMemory();
            var address = new SocketAddress.Unix(folder.File("s"));
            await using var listener = await engine.ListenAsync(address, 1);
            await using var client = await engine.ConnectAsync(address, CancellationToken.None);
            await using var server = await listener.AcceptAsync();
            using var request = PlaceBuffer();
            using var answer = PlaceBuffer();
            await AssertFreeAsync(async () =>
            {
                var echo = EchoAsync(server!, answer);
                for (var i = 0; i < Rounds; i++)
                {
                    Check(await client.SendAsync(request.Memory[..100]));
                    var read = await client.ReceiveAsync(request.Memory);
                    Check(read.Count == 100 ? IoStatus.Ok : IoStatus.IoError);
                }
                await echo;
            });
        });

    private static async Task EchoAsync(ByteChannel server, AlignedBuffer buffer)
    {
        for (var i = 0; i < Rounds; i++)
        {
            var read = await server.ReceiveAsync(buffer.Memory);
            Check(await server.SendAsync(buffer.Memory[..read.Count]));
        }
    }

    // The test framework's comparison allocates.
    private static void Check(IoStatus status)
    {
        if (status != IoStatus.Ok)
        {
            Assert.Fail($"{status}");
        }
    }

    private static AlignedBuffer PlaceBuffer()
    {
        var buffer = AlignedBuffer.Allocate(4096);
        buffer.GetSpan().Clear();
        return buffer;
    }

    /// <summary>
    /// The second run of the body allocates less than a byte a round: what remains are the async methods of the test. A collection
    /// that another thread brings about counts what is left of this thread's allocation context as allocated.
    /// </summary>
    private static async Task AssertFreeAsync(Func<Task> body)
    {
        await body();
        var before = GC.GetAllocatedBytesForCurrentThread();
        await body();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Rounds + AllocationContextBytes);
    }
}
