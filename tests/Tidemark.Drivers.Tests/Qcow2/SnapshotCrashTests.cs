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
/// Whatever happens while snapshots are taken, applied and let go of, after whichever change of the file: what the image lists as a
/// snapshot holds what it held then, the disk holds what some moment had, and no refcount is too low. Flags may be behind.
/// </summary>
public sealed class SnapshotCrashTests
{
    private const string Image = "/disk/a.qcow2";
    private const int Size = 256 * 1024;
    private static readonly bool HasQemu = ProgramRun.Exists("qemu-img");

    public static TheoryData<string, int> Scenarios() =>
        new()
        {
            { "create", 512 },
            { "create", 4096 },
            { "delete", 512 },
            { "delete", 4096 },
            { "apply", 512 },
            { "apply", 4096 },
        };

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void A_power_loss_after_any_change_harms_no_snapshot(string scenario, int clusterSize) =>
        ForEachN(
            scenario,
            clusterSize,
            static (faults, n) => faults.CrashAfter(SimulatedOperation.Changes, n, CrashKind.PowerLoss, Image)
        );

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void A_failure_of_any_request_harms_no_snapshot(string scenario, int clusterSize) =>
        ForEachN(
            scenario,
            clusterSize,
            static (faults, n) => faults.Fail(SimulatedOperation.FileRequests, n, IoStatus.IoError, Image)
        );

    private static void ForEachN(string scenario, int clusterSize, Action<FaultPlan, int> arrange)
    {
        LoopTest.ThrowOnBrokenInvariants();
        var prepared = new SimulatedMachine(seed: 0);
        Assert.Equal(RunEnd.Completed, prepared.Run(engine => PrepareAsync(Graph(engine), clusterSize)));
        for (var n = 1; ; n++)
        {
            var machine = new SimulatedMachine(seed: n);
            machine.WriteFile(Image, prepared.ReadFile(Image));
            arrange(machine.Faults, n);
            _ = machine.Run(engine => PlayAsync(Graph(engine), scenario));
            var untouched = machine.Faults.Fired == 0;
            machine.Faults.Clear();
            var what = $"{scenario}, clusters of {clusterSize}, N = {n}";
            using var folder = TempFolder.InMemory();
            var image = folder.File("a.qcow2");
            System.IO.File.WriteAllBytes(image, machine.ReadFile(Image));
            LoopTest.RunLoop(() => JudgeAsync(image, what));
            if (HasQemu && (n % 20 == 0 || untouched))
            {
                var repaired = ProgramRun.Of("qemu-img", "check", "-f", "qcow2", "-r", "all", image);
                Assert.True(repaired.ExitCode == 0, $"{what}\n{repaired.Errors}{repaired.Output}");
            }
            if (untouched)
            {
                Assert.True(n > 5, "a scenario has a few changes");
                return;
            }
        }
    }

    private static BlockGraph Graph(Tidemark.Io.Contract.IoEngine engine) => new(engine, BuiltinDrivers.CreateRegistry());

    // The snapshot "first" holds 1 everywhere; the disk then has 2 in its first half.
    private static async Task PrepareAsync(BlockGraph graph, int clusterSize)
    {
        var create = graph.Drivers.Require("qcow2").Creation!.CreateFileAsync; // qcow2 has creation
        await create(graph, Image, new JsonObject { ["size"] = Size, ["cluster_size"] = clusterSize });
        var (node, image) = await OpenAsync(graph, Image);
        Assert.Equal(IoStatus.Ok, await FillAsync(image, 0, Size, 1));
        _ = await ((ISnapshotDriver)node.Driver).CreateSnapshotAsync(new("", "first"));
        Assert.Equal(IoStatus.Ok, await FillAsync(image, 0, Size / 2, 2));
        await image.DisposeAsync();
        await graph.ReleaseAsync(node);
        await graph.DisposeAsync();
    }

    // Writes 3 into the first eighth, flushes, does what the scenario is about, writes 4 into the second eighth.
    private static async Task PlayAsync(BlockGraph graph, string scenario)
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
        var driver = (ISnapshotDriver)node.Driver;
        if (await FillAsync(image, 0, Size / 8, 3) == IoStatus.Ok && await image.FlushAsync() == IoStatus.Ok)
        {
            try
            {
                await ActAsync(driver, scenario);
            }
            catch (BlockException)
            {
                // Refused for the fault.
            }
        }
        _ = await FillAsync(image, Size / 8, Size / 8, 4);
        _ = await image.FlushAsync();
        await image.DisposeAsync();
        await graph.ReleaseAsync(node);
        await graph.DisposeAsync();
    }

    private static async Task ActAsync(ISnapshotDriver driver, string scenario)
    {
        switch (scenario)
        {
            case "create":
                _ = await driver.CreateSnapshotAsync(new("", "second"));
                break;
            case "delete":
                await driver.DeleteSnapshotAsync(driver.Snapshots[0]);
                break;
            default:
                await driver.ApplySnapshotAsync(driver.Snapshots[0]);
                break;
        }
    }

    private static async Task<IoStatus> FillAsync(BlockBackend image, int offset, int length, byte value)
    {
        var data = new byte[length];
        data.AsSpan().Fill(value);
        return await image.WriteAsync(new ByteRange(offset, length), data);
    }

    private static async Task<(BlockNode Node, BlockBackend Backend)> OpenAsync(BlockGraph graph, string path)
    {
        var options = new JsonObject { ["l2-cache-entry-size"] = 512, ["l2-cache-size"] = 2048 };
        var node = await graph.OpenFilenameAsync(path, "qcow2", options);
        return (node, BlockBackend.Create(node, BlockPermissions.All, BlockPermissions.All));
    }

    private static async Task JudgeAsync(string image, string what)
    {
        var copy = image + ".checked";
        System.IO.File.Copy(image, copy);
        var check = await CheckTrial.OfOursAsync(copy, ImageRepair.None);
        var wrong = check
            .Lines.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(static line => !line.StartsWith("Leaked", StringComparison.Ordinal))
            .Where(static line => !line.StartsWith("ERROR OFLAG_COPIED", StringComparison.Ordinal));
        Assert.True(!wrong.Any(), $"{what}\n{check.Lines}");
        ImageWorld.Run(async world =>
        {
            var disk = await world.OpenAsync(image, new JsonObject { ["read-only"] = true });
            var snapshots = ((ISnapshotDriver)disk.Node.Driver).Snapshots;
            CheckDisk(await ImageWorld.ReadAsync(disk, 0, Size), what);
            await world.CloseAsync(disk);
            foreach (var snapshot in snapshots)
            {
                disk = await world.OpenAsync(image, new JsonObject { ["read-only"] = true });
                await ((ISnapshotDriver)disk.Node.Driver).ShowSnapshotAsync(snapshot);
                CheckSnapshot(await ImageWorld.ReadAsync(disk, 0, Size), snapshot.Name, what);
                await world.CloseAsync(disk);
            }
        });
    }

    private static void CheckDisk(ReadOnlySpan<byte> content, string what)
    {
        for (var at = 0; at < Size; at += 512)
        {
            byte[] allowed =
                at < Size / 8 ? [1, 2, 3]
                : at < Size / 4 ? [1, 2, 4]
                : at < Size / 2 ? [1, 2]
                : [1];
            Assert.True(allowed.Contains(content[at]), $"{what}: the disk holds {content[at]} at {at}");
        }
    }

    private static void CheckSnapshot(ReadOnlySpan<byte> content, string name, string what)
    {
        for (var at = 0; at < Size; at += 512)
        {
            var expected =
                name == "first" || at >= Size / 2 ? 1
                : at < Size / 8 ? 3
                : 2;
            Assert.True(content[at] == expected, $"{what}: snapshot {name} holds {content[at]} at {at}, not {expected}");
        }
    }
}
