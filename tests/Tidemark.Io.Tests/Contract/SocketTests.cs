using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Io.Contract;
using Tidemark.Io.Descriptors;
using Tidemark.Testing;

namespace Tidemark.Io.Tests.Contract;

/// <summary>Stream sockets, by every engine.</summary>
public sealed class SocketTests
{
    private const int SimulatedSeeds = 20;

    public static TheoryData<EngineKind> Kinds => [.. Enum.GetValues<EngineKind>()];

    [Theory, MemberData(nameof(Kinds))]
    public void Bytes_go_both_ways_at_once_in_order(EngineKind kind) =>
        Run(
            kind,
            async (engine, address) =>
            {
                await using var pair = await Pair.ConnectAsync(engine, address);
                var there = PlaceScope.Pattern(3 << 20, 1);
                var back = PlaceScope.Pattern(1 << 20, 2);
                var send = pair.Client.SendAsync(there.Memory[..100], there.Memory[100..]);
                var reply = pair.Server.SendAsync(back.Memory);
                var received = ReceiveAllAsync(pair.Server, 3 << 20);
                var gotBack = await ReceiveAllAsync(pair.Client, 1 << 20);
                var gotThere = await received;
                Assert.True(back.GetSpan().SequenceEqual(gotBack.Span));
                Assert.True(there.GetSpan().SequenceEqual(gotThere.Span));
                Assert.Equal(IoStatus.Ok, await send);
                Assert.Equal(IoStatus.Ok, await reply);
            }
        );

    [Theory, MemberData(nameof(Kinds))]
    public void A_closed_peer_is_the_end_of_the_stream(EngineKind kind) =>
        Run(
            kind,
            async (engine, address) =>
            {
                await using var pair = await Pair.ConnectAsync(engine, address);
                Assert.Equal(IoStatus.Ok, await pair.Client.SendAsync(new byte[10]));
                var buffer = await ReceiveAllAsync(pair.Server, 10);
                Assert.Equal(10, buffer.Length);
                var read = pair.Server.ReceiveAsync(new byte[1]);
                await pair.Client.DisposeAsync();
                Assert.True((await read).IsEnd);
                IoStatus status;
                do
                {
                    status = await pair.Server.SendAsync(new byte[1000]);
                } while (status == IoStatus.Ok);
                Assert.Equal(IoStatus.BrokenPipe, status);
            }
        );

    /// <summary>A receiver that was used to waiting for its peer misses neither the last words nor the end, whenever it looks.</summary>
    [Theory, MemberData(nameof(Kinds))]
    public void The_last_words_of_a_peer_that_hangs_up_are_heard(EngineKind kind) =>
        Run(
            kind,
            async (engine, address) =>
            {
                for (var pings = 0; pings < 40; pings++)
                {
                    await using var pair = await Pair.ConnectAsync(engine, address);
                    var buffer = new byte[100];
                    for (var i = 0; i < pings; i++)
                    {
                        var ping = ReceiveAtLeastAsync(pair.Server, buffer, 10);
                        Assert.Equal(IoStatus.Ok, await pair.Client.SendAsync(new byte[10]));
                        await ping;
                    }
                    var early = pings % 2 == 0 ? ReceiveAtLeastAsync(pair.Server, buffer, 7) : null;
                    Assert.Equal(IoStatus.Ok, await pair.Client.SendAsync(new byte[7]));
                    await pair.Client.DisposeAsync();
                    await (early ?? ReceiveAtLeastAsync(pair.Server, buffer, 7));
                    if (pings % 3 == 0)
                    {
                        await Task.Yield();
                    }
                    Assert.True((await pair.Server.ReceiveAsync(buffer)).IsEnd);
                }
            }
        );

    [Theory, MemberData(nameof(Kinds))]
    public void An_abort_ends_what_is_under_way(EngineKind kind) =>
        Run(
            kind,
            async (engine, address) =>
            {
                await using var pair = await Pair.ConnectAsync(engine, address);
                var read = pair.Client.ReceiveAsync(new byte[10]);
                var send = pair.Client.SendAsync(new byte[8 << 20]);
                pair.Client.Abort();
                pair.Client.Abort();
                Assert.True((await read).IsEnd);
                Assert.NotEqual(IoStatus.Ok, await send);
                Assert.NotEqual(IoStatus.Ok, await pair.Client.SendAsync(new byte[1]));
                Assert.True((await pair.Client.ReceiveAsync(new byte[1])).IsEnd);
            }
        );

    [Theory, MemberData(nameof(Kinds))]
    public void A_closed_listener_ends_its_accept_with_null(EngineKind kind) =>
        Run(
            kind,
            async (engine, address) =>
            {
                var listener = await engine.ListenAsync(address, 1);
                var accept = listener.AcceptAsync();
                await listener.DisposeAsync();
                Assert.Null(await accept);
                Assert.Null(await listener.AcceptAsync());
                _ = await Assert.ThrowsAsync<BlockException>(async () =>
                    await engine.ConnectAsync(address, CancellationToken.None)
                );
            }
        );

    [Theory, MemberData(nameof(Kinds))]
    public void Nobody_listening_is_an_error_that_names_the_address(EngineKind kind) =>
        Run(
            kind,
            async (engine, address) =>
            {
                var failure = await Assert.ThrowsAsync<BlockException>(async () =>
                    await engine.ConnectAsync(address, CancellationToken.None)
                );
                Assert.True(failure.Status is IoStatus.NotFound or IoStatus.ConnectionRefused);
                Assert.StartsWith("Failed to connect to '", failure.Message, StringComparison.Ordinal);
            }
        );

    [Theory, MemberData(nameof(Kinds))]
    public void A_free_port_is_chosen_and_told(EngineKind kind) =>
        Run(
            kind,
            async (engine, _) =>
            {
                await using var listener = await engine.ListenAsync(new SocketAddress.Inet("127.0.0.1", 0), 4);
                var address = Assert.IsType<SocketAddress.Inet>(listener.Address);
                Assert.True(address.Port > 0);
                await using var client = await engine.ConnectAsync(address, CancellationToken.None);
                await using var server = await listener.AcceptAsync();
                Assert.Equal(IoStatus.Ok, await client.SendAsync(new byte[] { 1, 2, 3 }));
                Assert.Equal(new byte[] { 1, 2, 3 }, (await ReceiveAllAsync(server!, 3)).ToArray());
                Assert.Equal(address.ToString(), client.Peer);
            }
        );

    [Theory, MemberData(nameof(Kinds))]
    public void An_abstract_name_needs_no_file(EngineKind kind) =>
        Run(
            kind,
            async (engine, _) =>
            {
                var address = new SocketAddress.Unix($"tidemark-{Guid.NewGuid():N}", IsAbstract: true);
                await using var pair = await Pair.ConnectAsync(engine, address);
                Assert.False(File.Exists(address.Path));
            }
        );

    [Theory, InlineData(EngineKind.Linux, true), InlineData(EngineKind.Linux, false), InlineData(EngineKind.Pool, false)]
    public void A_file_is_sent_with_its_header(EngineKind kind, bool inMemory) =>
        LoopTest.Run(kind, engine => SendFileAsync(engine, inMemory));

    [Fact]
    public void A_simulated_file_is_sent_with_its_header()
    {
        for (var seed = 1; seed <= SimulatedSeeds; seed++)
        {
            LoopTest.Simulate(seed, engine => SendFileAsync(engine, inMemory: false));
        }
    }

    [Theory, InlineData(EngineKind.Linux), InlineData(EngineKind.Pool)]
    public void A_file_that_is_not_in_memory_is_sent_without_waiting_on_the_loop(EngineKind kind) =>
        LoopTest.Run(
            kind,
            async engine =>
            {
                using var folder = TempFolder.OnDisk();
                await using var pair = await Pair.ConnectAsync(engine, new SocketAddress.Unix(folder.File("s")));
                var channel = Assert.IsType<SocketChannel>(pair.Client, exactMatch: false);
                using var data = PlaceScope.Pattern(4 << 20, 1);
                await using var direct = await engine.OpenFileAsync(folder.File("f"), new(true, Direct: true, Create: true));
                Assert.Equal(IoStatus.Ok, await direct.WriteAsync(0, data.Memory));
                await using var cold = await engine.OpenFileAsync(folder.File("f"), default);
                foreach (var file in new[] { cold, direct })
                {
                    var send = channel.SendFileAsync(new byte[] { 9 }, file, 777, (3 << 20) + 5);
                    var received = await ReceiveAllAsync(pair.Server, 1 + (3 << 20) + 5);
                    Assert.Equal(IoStatus.Ok, await send);
                    Assert.True(data.GetSpan().Slice(777, (3 << 20) + 5).SequenceEqual(received.Span[1..]));
                }
                var cut = channel.SendFileAsync(default, cold, 0, 4 << 20);
                pair.Client.Abort();
                Assert.NotEqual(IoStatus.Ok, await cut);
            }
        );

    [Theory, InlineData(EngineKind.Linux), InlineData(EngineKind.Pool)]
    public void A_stale_socket_file_is_taken_over_and_removed_at_the_end(EngineKind kind) =>
        LoopTest.Run(
            kind,
            async engine =>
            {
                using var folder = TempFolder.InMemory();
                var address = new SocketAddress.Unix(folder.File("s"));
                using (
                    var stale = new System.Net.Sockets.Socket(
                        System.Net.Sockets.AddressFamily.Unix,
                        System.Net.Sockets.SocketType.Stream,
                        0
                    )
                )
                {
                    stale.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(folder.File("t")));
                    File.Move(folder.File("t"), address.Path);
                }
                Assert.True(File.Exists(address.Path));
                await using (var pair = await Pair.ConnectAsync(engine, address))
                {
                    Assert.Equal($"unix:{address.Path}", pair.Client.Peer);
                }
                Assert.False(File.Exists(address.Path));
                await File.WriteAllTextAsync(address.Path, "precious", TestContext.Current.CancellationToken);
                var failure = await Assert.ThrowsAsync<BlockException>(async () => await engine.ListenAsync(address, 1));
                Assert.Equal($"Failed to bind socket to {address.Path}: Address already in use", failure.Message);
                Assert.True(File.Exists(address.Path));
            }
        );

    [Theory, InlineData(EngineKind.Linux), InlineData(EngineKind.Pool)]
    public void An_inherited_descriptor_listens(EngineKind kind) =>
        LoopTest.Run(
            kind,
            async engine =>
            {
                using var folder = TempFolder.InMemory();
                var path = folder.File("s");
                var given = new System.Net.Sockets.Socket(
                    System.Net.Sockets.AddressFamily.Unix,
                    System.Net.Sockets.SocketType.Stream,
                    0
                );
                given.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(path));
                given.Listen(4);
                var number = (int)given.SafeHandle.DangerousGetHandle();
                given.SafeHandle.SetHandleAsInvalid();
                await using var listener = await engine.ListenAsync(new SocketAddress.Descriptor(number), 4);
                Assert.Equal(new SocketAddress.Unix(path), listener.Address);
                await using var client = await engine.ConnectAsync(listener.Address, CancellationToken.None);
                await using var server = await listener.AcceptAsync();
                Assert.Equal(IoStatus.Ok, await server!.SendAsync(new byte[5]));
                Assert.Equal(5, (await ReceiveAllAsync(client, 5)).Length);
            }
        );

    [Fact]
    public void A_port_in_use_and_a_foreign_address_are_told_apart() =>
        LoopTest.Run(async engine =>
        {
            await using var listener = await engine.ListenAsync(new SocketAddress.Inet("127.0.0.1", 0), 1);
            var failure = await Assert.ThrowsAsync<BlockException>(async () => await engine.ListenAsync(listener.Address, 1));
            Assert.Equal("Failed to find an available port: Address already in use", failure.Message);
            failure = await Assert.ThrowsAsync<BlockException>(async () =>
                await engine.ListenAsync(new SocketAddress.Inet("192.0.2.1", 1), 1)
            );
            Assert.Equal("Failed to bind socket: Cannot assign requested address", failure.Message);
        });

    [Fact]
    public void A_descriptor_that_is_no_socket_is_refused() =>
        LoopTest.Run(async engine =>
        {
            var nowhere = new SocketAddress.Descriptor(1_000_000);
            var failure = await Assert.ThrowsAsync<BlockException>(async () => await engine.ListenAsync(nowhere, 1));
            Assert.Equal("File descriptor '1000000' is not a socket", failure.Message);
            failure = await Assert.ThrowsAsync<BlockException>(async () =>
                await engine.ConnectAsync(nowhere, CancellationToken.None)
            );
            Assert.Equal("File descriptor '1000000' is not a socket", failure.Message);
        });

    [Fact]
    public void A_name_gives_its_descriptor_once_and_a_number_only_what_was_inherited() =>
        LoopTest.Run(async engine =>
        {
            Assert.Equal(new SocketAddress.Descriptor(7), engine.FindDescriptor("7"));
            var failure = Assert.Throws<BlockException>(() => engine.FindDescriptor("x"));
            Assert.Equal("File descriptor named 'x' has not been found", failure.Message);
            engine.TakesInherited = false;
            failure = Assert.Throws<BlockException>(() => engine.FindDescriptor("7"));
            Assert.Equal("only QEMU supports file descriptor passing", failure.Message);
            using var store = new DescriptorStore();
            engine.Descriptors = store;
            store.Put("x", 1_000_000);
            var taken = engine.FindDescriptor("x");
            failure = await Assert.ThrowsAsync<BlockException>(async () => await engine.ListenAsync(taken, 1));
            Assert.Equal("File descriptor 'x' is not a socket", failure.Message);
            failure = Assert.Throws<BlockException>(() => engine.FindDescriptor("x"));
            Assert.Equal("File descriptor named 'x' has not been found", failure.Message);
            engine.Descriptors = null;
        });

    [Fact]
    public void A_path_that_is_too_long_is_refused() =>
        LoopTest.Run(async engine =>
        {
            var path = "/" + new string('x', 107);
            var failure = await Assert.ThrowsAsync<BlockException>(async () =>
                await engine.ListenAsync(new SocketAddress.Unix(path), 1)
            );
            Assert.Equal($"UNIX socket path '{path}' is too long", failure.Message);
            Assert.Equal("Path must be less than 108 bytes", failure.Hint);
        });

    private static async Task SendFileAsync(IoEngine engine, bool inMemory)
    {
        using var folder = inMemory ? TempFolder.InMemory() : TempFolder.OnDisk();
        await using var pair = await Pair.ConnectAsync(engine, new SocketAddress.Unix(folder.File("s")));
        await using var file = await engine.OpenFileAsync(folder.File("f"), new(true, Create: true));
        using var data = PlaceScope.Pattern(4 << 20, 1);
        Assert.Equal(IoStatus.Ok, await file.WriteAsync(0, data.Memory));
        var channel = Assert.IsType<SocketChannel>(pair.Client, exactMatch: false);
        // The last kibibyte lies behind the end of the file.
        var send = channel.SendFileAsync(new byte[] { 7, 8 }, file, 1000, (4 << 20) - 1000 + 1024);
        var received = await ReceiveAllAsync(pair.Server, 2 + (4 << 20) - 1000 + 1024);
        Assert.Equal(IoStatus.Ok, await send);
        Assert.Equal(new byte[] { 7, 8 }, received[..2].ToArray());
        Assert.True(data.GetSpan()[1000..].SequenceEqual(received.Span[2..^1024]));
        Assert.False(received.Span[^1024..].ContainsAnyExcept((byte)0));
    }

    private static void Run(EngineKind kind, Func<IoEngine, SocketAddress, Task> body)
    {
        if (kind == EngineKind.Simulated)
        {
            for (var seed = 1; seed <= SimulatedSeeds; seed++)
            {
                LoopTest.Simulate(seed, engine => body(engine, new SocketAddress.Unix("/s")));
            }
            return;
        }
        using var folder = TempFolder.InMemory();
        LoopTest.Run(kind, engine => body(engine, new SocketAddress.Unix(folder.File("s"))));
    }

    /// <summary>Receives with room for more than <paramref name="length"/> bytes until there are so many.</summary>
    private static async Task ReceiveAtLeastAsync(ByteChannel channel, Memory<byte> room, int length)
    {
        for (var done = 0; done < length; )
        {
            var read = await channel.ReceiveAsync(room);
            Assert.False(read.IsEnd, $"the stream ended after {done} bytes: {read.Status}");
            done += read.Count;
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReceiveAllAsync(ByteChannel channel, int length)
    {
        var buffer = new byte[length];
        for (var done = 0; done < length; )
        {
            var read = await channel.ReceiveAsync(buffer.AsMemory(done));
            Assert.False(read.IsEnd, $"the stream ended after {done} bytes: {read.Status}");
            done += read.Count;
        }
        return buffer;
    }

    private sealed record Pair(ChannelListener Listener, ByteChannel Client, ByteChannel Server) : IAsyncDisposable
    {
        public static async Task<Pair> ConnectAsync(IoEngine engine, SocketAddress address)
        {
            var listener = await engine.ListenAsync(address, 4);
            var accept = listener.AcceptAsync();
            var client = await engine.ConnectAsync(address, CancellationToken.None);
            return new Pair(listener, client, (await accept)!);
        }

        public async ValueTask DisposeAsync()
        {
            await Client.DisposeAsync();
            await Server.DisposeAsync();
            await Listener.DisposeAsync();
        }
    }
}
