using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Units;
using Tidemark.Io.Contract;
using Tidemark.Io.Simulated;
using Tidemark.Testing;

namespace Tidemark.Drivers.Tests.Qcow2;

/// <summary>
/// Images with random bytes in their metadata: opening, checking, repairing, reading and writing them ends with a result or an
/// error, never with a broken invariant or any other exception.
/// </summary>
public sealed class MutatedImageTests
{
    private const string Path = "image.qcow2";
    private const int Rounds = 60;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 16)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Nothing_but_errors_comes_of_it(int seed)
    {
        LoopTest.ThrowOnBrokenInvariants();
        var whole = Make(seed);
        for (var round = 0; round < Rounds; round++)
        {
            var random = new Random((seed * 1000) + round);
            var machine = new SimulatedMachine(seed);
            machine.WriteFile(Path, Mutate(whole, random));
            try
            {
                _ = machine.Run(engine => UseAsync(engine, forCheck: random.Next(2) == 0));
            }
            catch (BlockException)
            {
                // As it should be.
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"seed {seed}, round {round}: {error.Message}", error);
            }
        }
    }

    private static byte[] Make(int seed)
    {
        var machine = new SimulatedMachine(seed);
        _ = machine.Run(async engine =>
        {
            await using var world = new ImageWorld(engine);
            await world.CreateAsync(Path, 4 << 20, ("cluster_size", 1 << (9 + (seed % 4))));
            var disk = await world.OpenAsync(Path);
            _ = disk.Node.Bitmaps.Add("a", 512, persistent: true);
            _ = disk.Node.Bitmaps.Add("b", 65536, persistent: true, recording: false);
            for (var i = 0; i < 8; i++)
            {
                await ImageWorld.FillAsync(disk, i * 300_000, 10_000, (byte)i);
            }
            await world.CloseAsync(disk);
        });
        return machine.ReadFile(Path);
    }

    /// <summary>A few bytes or 64-bit fields changed, most of them where the header and the tables are not empty.</summary>
    private static byte[] Mutate(byte[] whole, Random random)
    {
        var bytes = (byte[])whole.Clone();
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            var at = random.Next(3) == 0 ? random.Next(0, 512) : random.Next(0, bytes.Length - 8);
            for (var tries = 0; tries < 50 && bytes[at] == 0; tries++)
            {
                at = random.Next(0, bytes.Length - 8);
            }
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    random.NextBytes(bytes.AsSpan(at & ~7, 8));
                    break;
                default:
                    // Another field's value: it may well be a good offset, and of the wrong thing.
                    bytes.AsSpan(random.Next(0, bytes.Length / 8) * 8, 8).CopyTo(bytes.AsSpan(at & ~7));
                    break;
            }
        }
        return random.Next(8) == 0 ? bytes[..random.Next(1, bytes.Length)] : bytes;
    }

    private static async Task UseAsync(IoEngine engine, bool forCheck)
    {
        await using var world = new ImageWorld(engine);
        if (forCheck)
        {
            var defaults = OpenDefaults.Reference with { ForCheck = true };
            var node = await world.Graph.OpenFilenameAsync(Path, "qcow2", [], defaults);
            try
            {
                var checker = Assert.IsAssignableFrom<IImageChecker>(node.Driver);
                _ = await checker.CheckAsync(ImageRepair.None, static _ => { });
                _ = await checker.CheckAsync(ImageRepair.Leaks | ImageRepair.Errors, static _ => { });
            }
            finally
            {
                await world.Graph.ReleaseAsync(node);
            }
            return;
        }
        var disk = await world.OpenAsync(Path, new JsonObject { ["backing"] = JsonNull.Instance });
        var data = new byte[100_000];
        for (var at = 0L; at + data.Length <= Math.Min(disk.Node.SizeBytes, 4 << 20); at += 250_000)
        {
            _ = await disk.ReadAsync(new ByteRange(at, data.Length), data);
            _ = await disk.WriteAsync(new ByteRange(at, data.Length), data);
        }
        foreach (var stored in Assert.IsAssignableFrom<IBitmapStore>(disk.Node.Driver).ListStored())
        {
            await ((IBitmapStore)disk.Node.Driver).RemoveStoredAsync(stored.Name);
            break;
        }
        await world.CloseAsync(disk);
    }
}
