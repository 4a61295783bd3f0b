using System.Globalization;
using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Drivers;
using Tidemark.Io.Contract;
using Tidemark.Io.Simulated;
using Tidemark.Testing;

namespace Tidemark.Simulation.Tests;

/// <summary>
/// One seed: a machine with a disk or two, and several daemons one after the other, each of which ends as it should, is killed or
/// loses its power. Between them everything on the disk is judged.
/// </summary>
internal sealed class Round
{
    private readonly Queue<string> notes = new();
    private readonly int notesShown;
    private int names;

    private Round(int seed, int notesShown)
    {
        this.notesShown = notesShown;
        Random = new Random(seed);
        Machine = new SimulatedMachine(seed)
        {
            // Ten times what the longest rounds take: one that goes in circles fails with its seed.
            MaxSteps = 4_000_000,
            SynchronousPercent = Random.Next(4) * 30,
            MaxLatency = TimeSpan.FromMicroseconds(Random.Next(1, 3000)),
        };
    }

    /// <summary>The one source of chance beside the machine's.</summary>
    public Random Random { get; }

    /// <summary>The machine.</summary>
    public SimulatedMachine Machine { get; }

    /// <summary>The disks.</summary>
    public List<SimulatedDrive> Drives { get; } = [];

    /// <summary>Every backup that succeeded.</summary>
    public List<BackupImage> Backups { get; } = [];

    /// <summary>Plays the round of a seed; what fails tells the seed and the last <paramref name="notesShown"/> things that were done.</summary>
    public static RoundFigures Play(int seed, int notesShown)
    {
        LoopTest.ThrowOnBrokenInvariants();
        var round = new Round(seed, notesShown);
        try
        {
            return round.Play();
        }
        catch (Exception error)
        {
            var told = $"{error.Message}\n{string.Join('\n', round.notes)}";
            throw new SimulationFailedException(seed, new InvalidOperationException(told, error));
        }
    }

    /// <summary>A name that nothing else has.</summary>
    public string NewName(string kind) => $"{kind}{(names++).ToString(CultureInfo.InvariantCulture)}";

    /// <summary>Keeps a line for the message of a failure.</summary>
    public void Note(string line)
    {
        if (notes.Count == notesShown)
        {
            _ = notes.Dequeue();
        }
        notes.Enqueue(line);
    }

    /// <summary>True once in <paramref name="of"/>.</summary>
    public bool Chance(int of) => Random.Next(of) == 0;

    /// <summary>One of them.</summary>
    public T Pick<T>(params ReadOnlySpan<T> choices) => choices[Random.Next(choices.Length)];

    private RoundFigures Play()
    {
        var figures = new RoundFigures(1, 0, 0, 0, 0, 0, 0, 0);
        _ = Machine.Run(CreateDrivesAsync);
        for (var lives = Random.Next(1, 4); lives > 0; lives--)
        {
            var life = new Life(this);
            var lostPower = Machine.Run(_ => LiveAsync(life)) == RunEnd.Crashed;
            for (; life != life.Last; life = life.Departure!) // that goes to its last
            {
                figures = figures.With(life, crashed: false);
            }
            var crashed = lostPower || life.IsDead;
            Machine.Faults.Clear();
            Note(crashed ? "crashed" : "ended");
            _ = Machine.Run(engine => Inspection.RunAsync(this, life, engine, crashed));
            figures = figures.With(life, crashed);
        }
        _ = Machine.Run(async engine =>
        {
            foreach (var backup in Backups)
            {
                Assert.Equal(backup.Content, await BackupImage.RestoreAsync(engine, backup.Path, backup.Format, backup.Path));
            }
        });
        return figures with { Backups = Backups.Count, LongestRun = Machine.LongestRun };
    }

    // Each in a process of its own, until all that came of it are over.
    private async Task LiveAsync(Life life)
    {
        life.Process = Machine.Start(life.PlayAsync);
        for (Life? one = life; one is not null; one = one.Departure)
        {
            await one.Process!.WaitAsync(); // started before this, or by the one before
        }
    }

    private async Task CreateDrivesAsync(IoEngine engine)
    {
        await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
        for (var i = Chance(3) ? 2 : 1; i > 0; i--)
        {
            var name = NewName("disk");
            var format = Chance(4) ? "raw" : "qcow2";
            // Sizes that are no multiple of anything but a sector.
            var cells = Random.Next(16, 512) * 4;
            string[] lower =
                format == "raw" ? [] : [.. Pick<string[]>([], [".base"], [".base", ".low"]).Select(end => $"/{name}{end}")];
            var drive = new SimulatedDrive(name, format, cells) { LowerPaths = lower, Options = NodeOptions(name, format) };
            Drives.Add(drive);
            if (format == "raw")
            {
                Machine.WriteFile($"/{name}", new byte[cells * Cells.Bytes]);
            }
            else
            {
                await CreateChainAsync(graph, drive);
            }
            Note($"{name}: {format}, {cells} cells, below it {string.Join(", ", lower)}");
        }
    }

    private async Task CreateChainAsync(BlockGraph graph, SimulatedDrive drive)
    {
        string? below = null;
        foreach (var path in drive.LowerPaths.Reverse())
        {
            await CreateImageAsync(graph, path, drive.Shadow.Count, below);
            await FillAsync(graph, drive.Shadow, path);
            below = path;
        }
        await CreateImageAsync(graph, drive.Path, drive.Shadow.Count, below);
        if (Chance(3))
        {
            await FillAsync(graph, drive.Shadow, drive.Path);
        }
    }

    private async Task FillAsync(BlockGraph graph, ShadowDisk shadow, string path)
    {
        var image = new JsonObject
        {
            ["driver"] = "qcow2",
            ["file"] = new JsonObject { ["driver"] = "file", ["filename"] = path },
        };
        var compressed = new JsonObject { ["driver"] = "compress", ["file"] = image };
        var isCompressed = Chance(3);
        var node = await graph.OpenAsync(isCompressed ? compressed : image);
        await using (var disk = BlockBackend.Create(node, BlockPermissions.Write, BlockPermissions.All))
        {
            // What is there can't be packed in its place.
            for (var runs = isCompressed ? 1 : Random.Next(6); runs > 0; runs--)
            {
                var first = Random.Next(shadow.Count);
                var count = Math.Min(Random.Next(1, 200), shadow.Count - first);
                var data = Cells.Fill(shadow.Preset(first, count), count);
                Assert.Equal(IoStatus.Ok, await disk.WriteAsync(Cells.RangeOf(first, count), data));
            }
        }
        await graph.ReleaseAsync(node);
    }

    /// <summary>Makes a qcow2 image with random properties.</summary>
    public async Task CreateImageAsync(BlockGraph graph, string path, int cells, string? backing, string backingFormat = "qcow2")
    {
        var options = new JsonObject
        {
            ["size"] = (long)cells * Cells.Bytes,
            ["cluster_size"] = 512 << Random.Next(8),
            ["refcount_bits"] = Pick(1, 8, 16, 16, 64),
            ["lazy_refcounts"] = Chance(4) ? "on" : "off",
            ["compression_type"] = Chance(3) ? "zstd" : "zlib",
        };
        if (backing is not null)
        {
            options["backing_file"] = backing;
            options["backing_fmt"] = backingFormat;
        }
        Note($"create {path} {options.ToJson()}");
        await graph.Drivers.Require("qcow2").Creation!.CreateFileAsync(graph, path, options); // qcow2 has creation
    }

    /// <summary>What blockdev-add takes for the image of that name, with random options.</summary>
    public JsonObject NodeOptions(string name, string format)
    {
        var options = new JsonObject
        {
            ["driver"] = format,
            ["node-name"] = name,
            ["discard"] = Chance(3) ? "ignore" : "unmap",
            ["file"] = new JsonObject { ["driver"] = "file", ["filename"] = $"/{name}" },
        };
        if (format == "qcow2" && Chance(2))
        {
            options["l2-cache-entry-size"] = 512;
            options["l2-cache-size"] = 1024 << Random.Next(4);
        }
        if (Chance(4))
        {
            options["detect-zeroes"] = "on";
        }
        return options;
    }
}
