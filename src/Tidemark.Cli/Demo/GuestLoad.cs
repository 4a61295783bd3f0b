using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using Tidemark.Io.Contract;
using Tidemark.Nbd.Client;
using Tidemark.Nbd.Handshake;
using Tidemark.Nbd.Transmission;

namespace Tidemark.Cli.Demo;

/// <summary>
/// A guest that never rests: several NBD connections that change the content of one big file in place, each in its own part
/// of it, some places more often than others. Every write is told to the <see cref="TruthLog"/> first.
/// </summary>
internal sealed class GuestLoad(IoEngine engine, WriteGate gate, TruthLog truth, int seed)
{
    private const int Connections = 4;
    private const int SectorBytes = 512;
    private const int MostSectors = 64; // 32 KiB a write
    private const int WindowShare = 16; // most writes go to this part of a connection's ranges, which moves on with every phase
    private const int BusyWrites = 4; // between two pauses, while a backup runs
    internal const int MostRepeats = 1000;
    internal static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    private readonly List<NbdClient> clients = [];
    private readonly List<Task> writers = [];
    private bool isStopping;

    /// <summary>The phase: each has its own busy part of the disk.</summary>
    public int Phase { get; set; }

    /// <summary>Whether to write as much as it can: a backup runs.</summary>
    public bool IsBusy { get; set; }

    /// <summary>Writes that had to be done again, because the server refused them for lack of space somewhere.</summary>
    public int Repeats { get; private set; }

    /// <summary>Connects to the export and begins to write within <paramref name="ranges"/>.</summary>
    public async ValueTask StartAsync(string socketPath, string export, IReadOnlyList<ByteRange> ranges)
    {
        isStopping = false;
        var shares = Split(ranges);
        for (var index = 0; index < Connections; index++)
        {
            var client = await ConnectAsync(engine, socketPath, export);
            clients.Add(client);
            writers.Add(WriteAsync(client, shares[index], new Random(seed + index + (Connections * Phase))));
        }
    }

    /// <summary>Lets writes under way end, and hangs up. Throws what ended a writer.</summary>
    public async ValueTask StopAsync()
    {
        isStopping = true;
        gate.Open();
        await Task.WhenAll(writers);
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }

        writers.Clear();
        clients.Clear();
    }

    /// <summary>One connection to an export.</summary>
    public static async ValueTask<NbdClient> ConnectAsync(IoEngine engine, string socketPath, string export)
    {
        var channel = await engine.ConnectAsync(new SocketAddress.Unix(socketPath), CancellationToken.None);
        return await NbdClient.OpenAsync(channel, new NbdClientOptions(export, []));
    }

    // Each connection gets its own part of every range, so that no two writes ever overlap.
    private static List<ByteRange>[] Split(IReadOnlyList<ByteRange> ranges)
    {
        var shares = new List<ByteRange>[Connections];
        for (var index = 0; index < Connections; index++)
        {
            shares[index] = [];
            foreach (var range in ranges)
            {
                var part = range.Length / Connections / SectorBytes * SectorBytes;
                if (part > MostSectors * SectorBytes)
                {
                    shares[index].Add(new ByteRange(range.Offset + (part * index), part));
                }
            }
        }

        return shares;
    }

    private async Task WriteAsync(NbdClient client, List<ByteRange> share, Random random)
    {
        var data = new byte[MostSectors * SectorBytes];
        for (var count = 0; !isStopping; count++)
        {
            await gate.EnterAsync();
            try
            {
                await WriteOnceAsync(client, share[random.Next(share.Count)], data, random);
            }
            finally
            {
                gate.Leave();
            }

            if (!IsBusy || count % BusyWrites == 0)
            {
                await engine.Loop.DelayAsync(Pause, CancellationToken.None);
            }
        }
    }

    private async ValueTask WriteOnceAsync(NbdClient client, ByteRange range, byte[] buffer, Random random)
    {
        var data = buffer.AsMemory(0, random.Next(1, MostSectors + 1) * SectorBytes);
        var offset = Place(range, data.Length, random);
        var zeroes = random.Next(8) == 0 && client.Export.Flags.HasFlag(TransmissionFlags.WriteZeroes);
        if (zeroes)
        {
            truth.Zero(offset, data.Length);
        }
        else
        {
            random.NextBytes(data.Span);
            truth.Write(offset, data.Span);
        }

        // A daemon that cannot keep old data for a backup may refuse the new: like a machine that stops, wait and do it again.
        for (var attempt = 0; ; attempt++)
        {
            var status = zeroes
                ? await client.WriteZeroesAsync(offset, data.Length, CommandFlags.None)
                : await client.WriteAsync(offset, data, fua: false);
            if (status == IoStatus.Ok)
            {
                return;
            }

            if (status != IoStatus.NoSpace || attempt == MostRepeats)
            {
                throw new BlockException(status, $"the guest's write failed ({client.Failure ?? "the server refused it"})");
            }

            Repeats++;
            await engine.Loop.DelayAsync(Pause, CancellationToken.None);
        }
    }

    private long Place(ByteRange range, int length, Random random)
    {
        var sectors = (range.Length - length) / SectorBytes;
        var window = sectors / WindowShare;
        var sector =
            random.Next(10) == 0
                ? random.NextInt64(sectors + 1)
                : (window * (Phase % WindowShare)) + random.NextInt64(window + 1);
        return range.Offset + (sector * SectorBytes);
    }
}
