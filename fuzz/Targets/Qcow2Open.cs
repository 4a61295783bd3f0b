using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Units;

namespace Tidemark.Fuzz.Targets;

/// <summary>Opens a spoilt qcow2 image for writing, reads and writes it, and closes it.</summary>
internal sealed class Qcow2Open : FuzzTarget
{
    public override string Name => "qcow2-open";

    public override IReadOnlyList<byte[]> CreateSeeds() => Qcow2Seeds.Create();

    public override void Run(byte[] input) =>
        SimulatedDisk.Use(
            input,
            [],
            OpenDefaults.Untrusted,
            static async node =>
            {
                await SimulatedDisk.ReadSomeAsync(node);
                var backend = BlockBackend.Create(
                    node,
                    BlockPermissions.ConsistentRead | BlockPermissions.Write,
                    BlockPermissions.All
                );
                await using (backend)
                {
                    var data = new byte[512];
                    for (var offset = 0L; offset + data.Length <= Math.Min(node.SizeBytes, 1 << 20); offset += 50_000)
                    {
                        _ = await backend.WriteAsync(new ByteRange(offset, data.Length), data);
                    }
                    _ = await backend.FlushAsync();
                }
            }
        );
}
