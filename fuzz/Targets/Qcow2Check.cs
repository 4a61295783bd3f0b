using Tidemark.Block.Contract;

namespace Tidemark.Fuzz.Targets;

/// <summary>Checks and repairs a spoilt qcow2 image; what was repaired must check without new errors of the kinds that were mended.</summary>
internal sealed class Qcow2Check : FuzzTarget
{
    public override string Name => "qcow2-check";

    public override IReadOnlyList<byte[]> CreateSeeds() => Qcow2Seeds.Create();

    public override void Run(byte[] input) =>
        SimulatedDisk.Use(
            input,
            [],
            OpenDefaults.Untrusted with
            {
                ForCheck = true,
            },
            static async node =>
            {
                var checker = (IImageChecker)node.Driver;
                _ = await checker.CheckAsync(ImageRepair.None, static _ => { });
                _ = await checker.CheckAsync(ImageRepair.Leaks | ImageRepair.Errors, static _ => { });
            }
        );
}
