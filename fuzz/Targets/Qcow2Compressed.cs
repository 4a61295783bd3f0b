using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Fuzz.Targets;

/// <summary>Spoilt images with packed clusters: reads them, packs new ones beside them, writes over them, and checks.</summary>
internal sealed class Qcow2Compressed : FuzzTarget
{
    private const int ClusterBytes = 4096;

    public override string Name => "qcow2-compressed";

    public override IReadOnlyList<byte[]> CreateSeeds() =>
        [CreateOne("zlib", "16"), CreateOne("zstd", "16"), CreateOne("zlib", "2")];

    public override void Run(byte[] input) =>
        SimulatedDisk.Use(
            input,
            [],
            OpenDefaults.Untrusted,
            static async node =>
            {
                await SimulatedDisk.ReadSomeAsync(node);
                await using (
                    var backend = BlockBackend.Create(
                        node,
                        BlockPermissions.ConsistentRead | BlockPermissions.Write,
                        BlockPermissions.All
                    )
                )
                {
                    var cluster = Math.Max(node.Driver.ClusterSize, 512);
                    if (cluster > 1 << 20)
                    {
                        return;
                    }
                    var data = new byte[cluster];
                    data.AsSpan().Fill(7);
                    for (var offset = 0L; offset + cluster <= Math.Min(node.SizeBytes, 24L * cluster); offset += 3L * cluster)
                    {
                        _ = await backend.WriteAsync(new ByteRange(offset, cluster), data, RequestFlags.Compressed);
                        _ = await backend.WriteAsync(new ByteRange(offset + (cluster / 2), 256), data.AsMemory(0, 256));
                    }
                    _ = await backend.FlushAsync();
                }
                await SimulatedDisk.ReadSomeAsync(node);
                _ = await ((IImageChecker)node.Driver).CheckAsync(ImageRepair.None, static _ => { });
            }
        );

    private static byte[] CreateOne(string compression, string refcountBits) =>
        SimulatedDisk.Create(
            new()
            {
                ["size"] = "131072",
                ["cluster_size"] = "4096",
                ["compression_type"] = compression,
                ["refcount_bits"] = refcountBits,
            },
            static async (node, backend) =>
            {
                Invariant.That(node.Driver.ClusterSize == ClusterBytes, "a whole cluster is packed");
                var data = new byte[ClusterBytes];
                for (var i = 0; i < 20; i++)
                {
                    // Some shrink to nothing, some to half, one not at all.
                    new Random(i).NextBytes(data.AsSpan(0, i * 200));
                    _ = await backend.WriteAsync(new ByteRange(i * ClusterBytes, ClusterBytes), data, RequestFlags.Compressed);
                }
                _ = await backend.WriteAsync(new ByteRange(5000, 6000), new byte[6000]);
            }
        );
}
