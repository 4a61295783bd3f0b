using Tidemark.Bitmaps;
using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Units;
using Tidemark.Drivers.Tests.Qcow2.Check;
using Tidemark.Io.Contract;
using Tidemark.Io.Simulated;
using Tidemark.Testing;

namespace Tidemark.Drivers.Tests.Qcow2.Bitmaps;

/// <summary>
/// Loading, marking in use, storing and removing bitmaps on a simulated disk that fails the Nth request, or loses its power after
/// it, for every N: afterwards the image has leaks at worst, and a bitmap that passes for consistent misses no write.
/// </summary>
public sealed class BitmapCrashTests
{
    private const string Path = "disk.qcow2";
    private const long Size = 16 << 20;
    private const long Granularity = 4096;

    private static readonly ByteRange[] First = [new(0, 4096), new(5 << 20, 512), new((16 << 20) - 512, 512)];
    private static readonly ByteRange Older = new(11 << 20, 8192);

    // The older one first: what is written in place needs no other write to reach the medium, and none in between.
    private static readonly ByteRange[] Second = [new(Older.Offset, 512), new(1 << 20, 65536), new(7 << 20, 1024)];
    private static readonly ByteRange[] Third = [new(2 << 20, 512), new(9 << 20, 200 << 10)];

    public static TheoryData<CrashKind, int> Crashes =>
        [.. from kind in new[] { CrashKind.PowerLoss, CrashKind.ProcessKill } from seed in new[] { 1, 2, 3 } select (kind, seed)];

    [Theory]
    [MemberData(nameof(Crashes))]
    public void After_a_crash_at_any_point_bitmaps_are_supersets_or_inconsistent(CrashKind kind, int seed) =>
        Repeat(seed, (faults, n) => faults.CrashAfter(SimulatedOperation.Changes | SimulatedOperation.Flush, n, kind));

    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    public void After_any_failed_request_bitmaps_are_supersets_or_inconsistent(int seed) =>
        Repeat(seed, static (faults, n) => faults.Fail(SimulatedOperation.FileRequests, n, IoStatus.IoError));

    [Fact]
    public void After_a_disk_that_stays_broken_bitmaps_are_supersets_or_inconsistent() =>
        Repeat(6, static (faults, n) => faults.Fail(SimulatedOperation.Changes, n, IoStatus.NoSpace, times: 1_000_000));

    private static void Repeat(int seed, Action<FaultPlan, int> plan)
    {
        LoopTest.ThrowOnBrokenInvariants();
        for (var n = 1; ; n++)
        {
            var machine = new SimulatedMachine((seed * 1000) + n);
            _ = machine.Run(Prepare);
            plan(machine.Faults, n);
            try
            {
                _ = machine.Run(UseAsync);
            }
            catch (BlockException)
            {
                // Opening, removing or storing failed, and said so.
            }
            var untouched = machine.Faults.Fired == 0;
            machine.Faults.Clear();
            try
            {
                LoopTest.RunLoop(() => VerifyAsync(machine));
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"seed {seed}, request {n}: {error.Message}", error);
            }
            if (untouched)
            {
                return;
            }
        }
    }

    /// <summary>An image with some data, a bitmap that records what comes later, one that doesn't, and some writes.</summary>
    private static async Task Prepare(IoEngine engine)
    {
        await using var world = new ImageWorld(engine);
        await world.CreateAsync(Path, Size, ("cluster_size", 4096));
        var disk = await world.OpenAsync(Path);
        await WriteAsync(disk, [Older], 0x01);
        _ = disk.Node.Bitmaps.Add("kept", Granularity, persistent: true);
        _ = disk.Node.Bitmaps.Add("gone", 512, persistent: true);
        await WriteAsync(disk, First, 0x11);
        disk.Node.Bitmaps.Find("gone")!.Disable();
        await world.CloseAsync(disk);
    }

    /// <summary>What may be interrupted: a session that writes, adds, removes, turns read-only and back, and closes.</summary>
    private static async Task UseAsync(IoEngine engine)
    {
        await using var world = new ImageWorld(engine);
        var disk = await world.OpenAsync(Path);
        await WriteAsync(disk, Second, 0x22);
        _ = disk.Node.Bitmaps.Add("added", Granularity, persistent: true);
        await Assert.IsAssignableFrom<IBitmapStore>(disk.Node.Driver).RemoveStoredAsync("gone");
        disk.Node.Bitmaps.Remove(disk.Node.Bitmaps.Find("gone")!);
        disk.SetPermissions(BlockPermissions.ConsistentRead, BlockPermissions.All);
        await world.Graph.SetReadOnlyAsync(disk.Node, true);
        await world.Graph.SetReadOnlyAsync(disk.Node, false);
        disk.SetPermissions(BlockPermissions.All, BlockPermissions.All);
        await WriteAsync(disk, Third, 0x33);
        await world.CloseAsync(disk);
    }

    private static async Task WriteAsync(BlockBackend disk, ByteRange[] ranges, byte value)
    {
        foreach (var range in ranges)
        {
            var data = new byte[range.Length];
            data.AsSpan().Fill(value);
            // A write that fails is the guest's to see; its bits count all the same.
            _ = await disk.WriteAsync(range, data);
        }
    }

    private static async Task VerifyAsync(SimulatedMachine machine)
    {
        using var folder = TempFolder.InMemory();
        var file = folder.File("image.qcow2");
        System.IO.File.WriteAllBytes(file, machine.ReadFile(Path));
        var trial = await CheckTrial.OfOursAsync(file, ImageRepair.None);
        Assert.NotNull(trial.Result);
        Assert.True(trial.Result is { Corruptions: 0, CheckErrors: 0 }, trial.Lines);
        _ = machine.Run(async engine =>
        {
            await using var world = new ImageWorld(engine);
            var disk = await world.OpenAsync(Path, new JsonObject { ["read-only"] = true });
            var now = await ImageWorld.ReadAsync(disk, 0, (int)Size);
            var anchor = new byte[Size];
            anchor.AsSpan((int)Older.Offset, (int)Older.Length).Fill(0x01);
            AssertSuperset(disk.Node.Bitmaps.Find("kept"), anchor, now);
            if (disk.Node.Bitmaps.Find("added") is { IsInconsistent: false } added)
            {
                // It began after the second writes: only what came later need be in it.
                AssertHas(added, Third.Where(r => now[r.Offset] == 0x33));
            }
            await world.CloseAsync(disk);
        });
    }

    private static void AssertSuperset(DirtyBitmap? bitmap, byte[] anchor, byte[] now)
    {
        // Lost altogether only while another program's view of the extension is in doubt: never here.
        Assert.NotNull(bitmap);
        if (bitmap.IsInconsistent)
        {
            return;
        }
        for (var at = 0L; at < Size; at += Granularity)
        {
            var changed = !now.AsSpan((int)at, (int)Granularity).SequenceEqual(anchor.AsSpan((int)at, (int)Granularity));
            Assert.True(!changed || bitmap.Content.NextStatus(at, Granularity).Dirty, $"a write at {at} is not in the bitmap");
        }
    }

    private static void AssertHas(DirtyBitmap bitmap, IEnumerable<ByteRange> ranges)
    {
        foreach (var range in ranges)
        {
            Assert.True(bitmap.Content.NextStatus(range.Offset, range.Length) is (true, var length) && length >= range.Length);
        }
    }
}
