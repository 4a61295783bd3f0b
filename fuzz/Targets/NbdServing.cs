using System.Buffers.Binary;
using Tidemark.Block.Graph;
using Tidemark.Core.Channels;
using Tidemark.Drivers;
using Tidemark.Exports;
using Tidemark.Exports.Nbd;
using Tidemark.Io.Contract;
using Tidemark.Io.Simulated;

namespace Tidemark.Fuzz.Targets;

/// <summary>What an NBD client sends: the handshake's options, then requests. The server answers or hangs up; it never falls.</summary>
internal sealed class NbdServing : FuzzTarget
{
    private static readonly SocketAddress.Unix Address = new("/nbd.sock");

    public override string Name => "nbd-server";

    public override long MemoryBound => 256L << 20;

    public override IReadOnlyList<byte[]> CreateSeeds()
    {
        byte[] go = [0, 0, 0, 1, (byte)'e', 0, 1, 0, 3];
        byte[] contexts = [0, 0, 0, 1, (byte)'e', 0, 0, 0, 1, 0, 0, 0, 15, .. "base:allocation"u8];
        byte[] requests =
        [
            .. Request(type: 0, offset: 512, length: 1024),
            .. Request(type: 1, offset: 0, length: 8),
            .. "12345678"u8,
            .. Request(type: 6, offset: 4096, length: 4096),
            .. Request(type: 7, offset: 0, length: 65536),
            .. Request(type: 3, offset: 0, length: 0),
            .. Request(type: 2, offset: 0, length: 0),
        ];
        return
        [
            [0, 0, 0, 3, .. Option(7, go), .. requests],
            [0, 0, 0, 3, .. Option(8, []), .. Option(9, contexts), .. Option(10, contexts), .. Option(7, go), .. requests],
            [0, 0, 0, 3, .. Option(3, []), .. Option(11, []), .. Option(6, go), .. Option(5, []), .. Option(2, [])],
            [0, 0, 0, 1, .. Option(1, [(byte)'e']), .. requests],
        ];
    }

    public override void Run(byte[] input)
    {
        var machine = new SimulatedMachine(input.Length) { SynchronousPercent = 70 };
        var stage = "start";
        try
        {
            ServeOne(machine, input, reached => stage = reached);
        }
        catch (SimulatedDeadlockException error)
        {
            throw new InvalidOperationException($"stuck at: {stage}", error);
        }
    }

    private static void ServeOne(SimulatedMachine machine, byte[] input, Action<string> reach)
    {
        _ = machine.Run(async engine =>
        {
            await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
            var node = await graph.OpenAsync(
                new()
                {
                    ["driver"] = "null-co",
                    ["node-name"] = "n",
                    ["size"] = 1 << 20,
                    ["read-zeroes"] = true,
                }
            );
            var registry = new ExportRegistry(graph);
            await registry.StartNbdServerAsync(new NbdServerOptions(Address));
            _ = registry.AddNbd(new NbdExportOptions("e", "n", "e", Writable: true));
            var client = await engine.ConnectAsync(Address, CancellationToken.None);
            reach("the client's send");
            var draining = DrainAsync(client);
            _ = await client.SendAsync(input);
            reach("the client's pause");
            await engine.Loop.DelayAsync(TimeSpan.FromSeconds(1), CancellationToken.None);
            client.Abort();
            reach("the client's last receive");
            await draining;
            await client.DisposeAsync();
            reach("the end of the server");
            await registry.CloseAllAsync();
            reach("the end of the node");
            await graph.ReleaseAsync(node);
        });
    }

    private static async Task DrainAsync(ByteChannel client)
    {
        var buffer = new byte[64 << 10];
        while (!(await client.ReceiveAsync(buffer)).IsEnd) { }
    }

    // NBD protocol, "Newstyle negotiation": IHAVEOPT, option, length, data.
    private static byte[] Option(uint option, byte[] data)
    {
        var bytes = new byte[16 + data.Length];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, 0x49484156454F5054);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(8), option);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(12), data.Length);
        data.CopyTo(bytes, 16);
        return bytes;
    }

    // NBD protocol, "Request message": magic, flags, type, cookie, offset, length.
    private static byte[] Request(ushort type, ulong offset, uint length)
    {
        var bytes = new byte[28];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, 0x25609513);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(6), type);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(8), offset + type);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(16), offset);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(24), length);
        return bytes;
    }
}
