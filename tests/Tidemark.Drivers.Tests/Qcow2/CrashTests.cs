using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Units;
using Tidemark.Drivers.Tests.Qcow2.Check;
using Tidemark.Io.Simulated;
using Tidemark.Testing;

namespace Tidemark.Drivers.Tests.Qcow2;

/// <summary>
/// Whatever happens after whichever change of the file, for every N: the image has leaks at worst, and each sector holds what was
/// flushed last or something newer. Our own check and reading judge each; the real program judges some of them too.
/// </summary>
public sealed class CrashTests
{
    private const string Image = "/disk/a.qcow2";
    private const int Sectors = 1024;
    private const int RealOneEvery = 40;
    private static readonly bool HasQemu = ProgramRun.Exists("qemu-img");

    public static TheoryData<string, int, bool> Scenarios()
    {
        var data = new TheoryData<string, int, bool>();
        foreach (var name in (string[])["write", "overlay", "zeroes", "resize", "compressed"])
        {
            foreach (var clusterSize in (int[])[512, 4096])
            {
                data.Add(name, clusterSize, false);
            }
        }
        data.Add("write", 65536, false);
        data.Add("write", 512, true);
        data.Add("zeroes", 4096, true);
        return data;
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void A_power_loss_after_any_change_leaves_leaks_at_worst(string scenario, int clusterSize, bool lazy) =>
        ForEachN(
            scenario,
            clusterSize,
            lazy,
            static (faults, n) => faults.CrashAfter(SimulatedOperation.Changes, n, CrashKind.PowerLoss, Image)
        );

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void A_kill_after_any_change_leaves_leaks_at_worst(string scenario, int clusterSize, bool lazy) =>
        ForEachN(
            scenario,
            clusterSize,
            lazy,
            static (faults, n) => faults.CrashAfter(SimulatedOperation.Changes, n, CrashKind.ProcessKill, Image)
        );

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void A_failure_of_any_request_leaves_leaks_at_worst(string scenario, int clusterSize, bool lazy) =>
        ForEachN(
            scenario,
            clusterSize,
            lazy,
            static (faults, n) => faults.Fail(SimulatedOperation.FileRequests, n, IoStatus.IoError, Image)
        );

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void Running_out_of_space_leaves_leaks_at_worst(string scenario, int clusterSize, bool lazy) =>
        ForEachN(
            scenario,
            clusterSize,
            lazy,
            static (faults, n) => faults.Fail(SimulatedOperation.Changes, n, IoStatus.NoSpace, Image, times: 5)
        );

    private static void ForEachN(string scenario, int clusterSize, bool lazy, Action<FaultPlan, int> arrange)
    {
        LoopTest.ThrowOnBrokenInvariants();
        var prepared = new SimulatedMachine(seed: 0);
        var before = new SectorModel(Sectors);
        Assert.Equal(
            RunEnd.Completed,
            prepared.Run(engine =>
                PrepareAsync(new(engine, BuiltinDrivers.CreateRegistry()), scenario, clusterSize, lazy, before)
            )
        );
        for (var n = 1; ; n++)
        {
            var machine = new SimulatedMachine(seed: n);
            foreach (var path in prepared.Files)
            {
                machine.WriteFile(path, prepared.ReadFile(path));
            }
            var model = before.Copy();
            arrange(machine.Faults, n);
            _ = machine.Run(engine => PlayAsync(new(engine, BuiltinDrivers.CreateRegistry()), scenario, model, n));
            var untouched = machine.Faults.Fired == 0;
            machine.Faults.Clear();
            var what = $"{scenario}, clusters of {clusterSize}, N = {n}";
            using var folder = TempFolder.InMemory();
            var image = Save(machine, folder);
            LoopTest.RunLoop(() => JudgeAsync(machine, image, model, lazy, what));
            if (HasQemu && (n % RealOneEvery == 0 || untouched))
            {
                JudgeByRealOne(machine, folder, model, lazy, what);
            }
            if (untouched)
            {
                Assert.True(n > 5, "a scenario has a few changes");
                return;
            }
        }
    }

    private static async Task PrepareAsync(BlockGraph graph, string scenario, int clusterSize, bool lazy, SectorModel model)
    {
        var create = graph.Drivers.Require("qcow2").Creation!.CreateFileAsync; // qcow2 has creation
        var options = new JsonObject { ["size"] = Sectors * 512, ["cluster_size"] = clusterSize };
        if (lazy)
        {
            options["lazy_refcounts"] = "on";
        }
        if (scenario == "overlay")
        {
            await create(graph, "/disk/base.qcow2", new JsonObject { ["size"] = Sectors * 512 });
            await FillAsync(graph, "/disk/base.qcow2", model);
            options["backing_file"] = "base.qcow2";
            options["backing_fmt"] = "qcow2";
        }
        await create(graph, Image, options);
        if (scenario is "zeroes" or "resize")
        {
            await FillAsync(graph, Image, model);
        }
        await graph.DisposeAsync();
    }

    private static async Task FillAsync(BlockGraph graph, string path, SectorModel model)
    {
        var (node, image) = await OpenAsync(graph, path);
        await model.WriteAsync(image, 0, Sectors / 2);
        await model.WriteAsync(image, Sectors - 100, 100);
        Assert.Equal(IoStatus.Ok, await model.FlushAsync(image));
        await image.DisposeAsync();
        await graph.ReleaseAsync(node);
    }

    private static async Task PlayAsync(BlockGraph graph, string scenario, SectorModel model, int seed)
    {
        BlockNode node;
        BlockBackend image;
        try
        {
            (node, image) = await OpenAsync(graph, Image);
        }
        catch (BlockException)
        {
            // The fault came while opening: nothing was done.
            return;
        }
        var random = new Random(1);
        for (var round = 0; round < 3; round++)
        {
            await Task.WhenAll(
                Enumerable.Range(0, 6).Select(i => StepAsync(image, scenario, model, random, i * (Sectors / 6), Sectors / 6))
            );
            if (scenario == "resize")
            {
                await ResizeAsync(image, round);
            }
            _ = await model.FlushAsync(image);
        }
        await image.DisposeAsync();
        await graph.ReleaseAsync(node);
        await graph.DisposeAsync();
    }

    // Places apart from each other, so that the order of what runs at once does not matter.
    private static async Task StepAsync(BlockBackend image, string scenario, SectorModel model, Random random, int from, int room)
    {
        var first = from + random.Next(room / 2);
        var count = 1 + random.Next(room / 2);
        var kind = scenario == "zeroes" ? random.Next(4) : 0;
        if (scenario == "compressed" && random.Next(3) > 0)
        {
            // Whole clusters of up to 4 KiB. What the image has already is refused.
            (first, count) = (((from + 7) / 8 * 8) + (random.Next(8) * 8), (1 + random.Next(8)) * 8);
            if (random.Next(2) == 0)
            {
                await model.ZeroAsync(image, first, count, RequestFlags.MayUnmap);
            }
            await model.WriteAsync(image, first, count, RequestFlags.Compressed);
            return;
        }
        await (
            kind switch
            {
                1 => model.ZeroAsync(image, first, count, RequestFlags.None),
                2 => model.ZeroAsync(image, first, count, RequestFlags.MayUnmap),
                3 => model.DiscardAsync(image, first, count),
                _ => model.WriteAsync(image, first, count),
            }
        );
    }

    // Grows far, so that tables move, and comes back.
    private static async Task ResizeAsync(BlockBackend image, int round)
    {
        try
        {
            await image.TruncateAsync((Sectors * 512L) << (round == 0 ? 7 : 0), exact: true, PreallocationMode.Off);
        }
        catch (BlockException)
        {
            // Refused for the fault; the old size goes on.
        }
    }

    private static async Task<(BlockNode Node, BlockBackend Backend)> OpenAsync(BlockGraph graph, string path)
    {
        var options = new JsonObject
        {
            ["discard"] = "unmap",
            ["l2-cache-entry-size"] = 512,
            ["l2-cache-size"] = 2048,
        };
        var node = await graph.OpenFilenameAsync(path, "qcow2", options);
        return (node, BlockBackend.Create(node, BlockPermissions.All, BlockPermissions.All));
    }

    private static string Save(SimulatedMachine machine, TempFolder folder)
    {
        foreach (var path in machine.Files)
        {
            System.IO.File.WriteAllBytes(folder.File(System.IO.Path.GetFileName(path)), machine.ReadFile(path));
        }
        return folder.File("a.qcow2");
    }

    private static async Task JudgeAsync(SimulatedMachine machine, string image, SectorModel model, bool lazy, string what)
    {
        var isBehind = lazy && IsDirty(machine.ReadFile(Image));
        var copy = image + ".checked";
        System.IO.File.Copy(image, copy);
        // Under the dirty bit refcounts are behind: they are counted anew, and then all must be well.
        var check = await CheckTrial.OfOursAsync(copy, isBehind ? ImageRepair.Leaks | ImageRepair.Errors : ImageRepair.None);
        Assert.True(check.Result is { Corruptions: 0, CheckErrors: 0 }, $"{what}\n{check.Lines}");
        _ = machine.Run(async engine =>
        {
            await using var world = new ImageWorld(engine);
            var disk = await world.OpenAsync(Image, new JsonObject { ["read-only"] = true });
            model.Check(await ImageWorld.ReadAsync(disk, 0, Sectors * 512), what);
            await world.CloseAsync(disk);
        });
    }

    private static void JudgeByRealOne(SimulatedMachine machine, TempFolder folder, SectorModel model, bool lazy, string what)
    {
        var image = folder.File("a.qcow2");
        var check = ProgramRun.Of("qemu-img", "check", "-f", "qcow2", image);
        if (lazy && check.ExitCode == 2)
        {
            Assert.True(IsDirty(machine.ReadFile(Image)), $"{what}: corrupt without the dirty bit\n{check.Errors}");
            check = ProgramRun.Of("qemu-img", "check", "-f", "qcow2", "-r", "all", image);
        }
        var errors = check.Errors.Split('\n').Where(static line => !line.StartsWith("Leaked", StringComparison.Ordinal)).Take(20);
        Assert.True(check.ExitCode is 0 or 3, $"{what}: qemu-img check ended with {check.ExitCode}\n{string.Join('\n', errors)}");
        _ = ProgramRun.Of("qemu-img", "convert", "-f", "qcow2", "-O", "raw", image, folder.File("raw")).MustSucceed();
        model.Check(System.IO.File.ReadAllBytes(folder.File("raw")).AsSpan(0, Sectors * 512), what);
    }

    private static bool IsDirty(byte[] image) => (image[79] & 1) != 0;
}
