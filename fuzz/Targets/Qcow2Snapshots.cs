using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Fuzz.Targets;

/// <summary>Spoilt images with internal snapshots: takes one more, writes, goes back to each, lets them go, and checks.</summary>
internal sealed class Qcow2Snapshots : FuzzTarget
{
    public override string Name => "qcow2-snapshots";

    public override IReadOnlyList<byte[]> CreateSeeds() =>
        [CreateOne("4096", "16"), CreateOne("512", "64"), CreateOne("65536", "8")];

    public override void Run(byte[] input) =>
        SimulatedDisk.Use(
            input,
            [],
            OpenDefaults.Untrusted,
            static async node =>
            {
                var driver = (ISnapshotDriver)node.Driver;
                await TryAsync(async () => _ = await driver.CreateSnapshotAsync(new("", "new") { DateSeconds = 1 }));
                await WriteAsync(node);
                foreach (var snapshot in driver.Snapshots.Take(4).ToArray())
                {
                    await TryAsync(() => driver.ApplySnapshotAsync(snapshot));
                    await SimulatedDisk.ReadSomeAsync(node);
                    await WriteAsync(node);
                    await TryAsync(() => driver.DeleteSnapshotAsync(snapshot));
                }
                var checker = (IImageChecker)node.Driver;
                _ = await checker.CheckAsync(ImageRepair.None, static _ => { });
                _ = await checker.CheckAsync(ImageRepair.Leaks | ImageRepair.Errors, static _ => { });
            }
        );

    private static async Task WriteAsync(BlockNode node)
    {
        if (node.SizeBytes < 8192 || node.IsReadOnly)
        {
            return;
        }
        await using var backend = BlockBackend.Create(
            node,
            BlockPermissions.ConsistentRead | BlockPermissions.Write,
            BlockPermissions.All
        );
        _ = await backend.WriteAsync(new ByteRange(0, 700), new byte[700]);
        _ = await backend.WriteAsync(new ByteRange(node.SizeBytes - 512, 512), new byte[512]);
        _ = await backend.FlushAsync();
    }

    private static async Task TryAsync(Func<ValueTask> act)
    {
        try
        {
            await act();
        }
        catch (BlockException)
        {
            // The right answer to a snapshot that is none.
        }
    }

    private static byte[] CreateOne(string clusterSize, string refcountBits) =>
        SimulatedDisk.Create(
            new()
            {
                ["size"] = "262144",
                ["cluster_size"] = clusterSize,
                ["refcount_bits"] = refcountBits,
            },
            static async (node, backend) =>
            {
                var driver = (ISnapshotDriver)node.Driver;
                for (var i = 0; i < 3; i++)
                {
                    var data = new byte[9000];
                    data.AsSpan().Fill((byte)(i + 1));
                    _ = await backend.WriteAsync(new ByteRange(i * 4000, data.Length), data);
                    _ = await driver.CreateSnapshotAsync(new("", $"kept {i}") { DateSeconds = 1_700_000_000 + i });
                }
                _ = await backend.WriteAsync(new ByteRange(100_000, 9000), new byte[9000]);
            }
        );
}
