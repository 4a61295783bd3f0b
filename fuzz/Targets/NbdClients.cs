using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Drivers;
using Tidemark.Exports;
using Tidemark.Exports.Nbd;
using Tidemark.Io.Contract;
using Tidemark.Io.Simulated;
using Tidemark.Nbd;
using Tidemark.Nbd.Client;
using Tidemark.Nbd.Transmission;

namespace Tidemark.Fuzz.Targets;

/// <summary>
/// What an NBD server says to our client: handshake, replies, extents. The client succeeds, is told an error or breaks the
/// connection; it never hangs, grows, or takes for success what is not. The first byte is what the client asks for.
/// </summary>
internal sealed class NbdClients : FuzzTarget
{
    private const int Poison = 0xDB;
    private static readonly SocketAddress.Unix Address = new("/nbd.sock");

    public override string Name => "nbd-client";

    public override long MemoryBound => 64L << 20;

    public override IReadOnlyList<byte[]> CreateSeeds()
    {
        byte[][] seeds = [.. Enumerable.Range(0, 6).Select(static kind => WriteDown((byte)kind))];
        foreach (var seed in seeds)
        {
            Require(Play(seed), "an honest server's words are understood, or else nothing but the handshake is tried");
        }
        return seeds;
    }

    public override void Run(byte[] input)
    {
        if (input.Length > 0)
        {
            _ = Play(input);
        }
    }

    private static bool Play(byte[] input)
    {
        var machine = new SimulatedMachine(1);
        var whole = false;
        _ = machine.Run(async engine => whole = await TalkAsync(new PlayedServer(input.AsMemory(1), engine.Loop), input[0]));
        return whole;
    }

    // The session of an honest server, as its client saw it.
    private static byte[] WriteDown(byte kind)
    {
        var machine = new SimulatedMachine(kind) { SynchronousPercent = 100 };
        byte[] turns = [];
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
            _ = node.Bitmaps.Add("b", 4096);
            var registry = new ExportRegistry(graph);
            await registry.StartNbdServerAsync(new NbdServerOptions(Address));
            _ = registry.AddNbd(new NbdExportOptions("e", "n", "e", Writable: true, Bitmaps: [new("b")]));
            var channel = new WrittenDownChannel(await engine.ConnectAsync(Address, CancellationToken.None));
            Require(await TalkAsync(channel, kind), "an honest server serves");
            turns = channel.TakeTurns();
            await registry.CloseAllAsync();
            await graph.ReleaseAsync(node);
        });
        return [kind, .. turns];
    }

    // Whether the connection held to its end.
    private static async Task<bool> TalkAsync(Core.Channels.ByteChannel channel, byte kind)
    {
        string[] contexts = (kind & 4) != 0 ? [] : ["base:allocation", "qemu:dirty-bitmap:b"];
        NbdClient client;
        try
        {
            client = await NbdClient.OpenAsync(channel, new("e", contexts, (ReplyStyle)(kind % 3)));
        }
        catch (BlockException)
        {
            return false;
        }
        Require(client.Export.SizeBytes >= 0 && client.Export.MinimumBlock > 0, "an export has a size and a block size");
        // Nobody asks beyond the disk, or in parts of blocks: the block layer sees to that.
        var unit = (int)client.Export.MinimumBlock;
        if (client.Export.SizeBytes >= 2 * unit && client.Export.MaximumPayload >= unit)
        {
            await UseAsync(client, unit);
        }
        var held = client.Failure is null;
        await client.DisposeAsync();
        Require(client.InFlight == 0, "no request is left");
        return held;
    }

    private static async Task UseAsync(NbdClient client, int unit)
    {
        var data = new byte[unit];
        data.AsSpan().Fill(Poison);
        _ = await client.ReadAsync(0, data);
        _ = await client.WriteAsync(unit, data, fua: false);
        var result = new BlockStatusResult();
        for (var one = 0; one < 2 && client.Contexts.Count > 0; one++)
        {
            var length = Math.Min(client.Export.SizeBytes, 1 << 20) / unit * unit;
            var status = await client.BlockStatusAsync(0, length, one == 1, result);
            for (var context = 0; status == IoStatus.Ok && context < client.Contexts.Count; context++)
            {
                Require(result[context].Count > 0, "a status has an extent");
                Require(result[context].All(static e => e.Length > 0), "an extent is not empty");
                Require(result[context].Sum(static e => e.Length) <= length, "extents end with the request");
            }
        }
        _ = await client.WriteZeroesAsync(0, unit, CommandFlags.NoHole);
        _ = await client.TrimAsync(0, unit, fua: false);
        _ = await client.CacheAsync(0, unit);
        _ = await client.FlushAsync();
        _ = await Task.WhenAll(client.ReadAsync(0, data).AsTask(), client.ReadAsync(unit, new byte[unit]).AsTask());
    }

    private static void Require(bool condition, string finding)
    {
        if (!condition)
        {
            throw new InvalidOperationException(finding);
        }
    }
}
