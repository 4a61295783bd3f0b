using System.Text;
using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Drivers;
using Tidemark.Io.Simulated;

namespace Tidemark.Fuzz.Targets;

/// <summary>"json:" file names: options of nested nodes by whoever names a backing file.</summary>
internal sealed class JsonOptions : FuzzTarget
{
    public override string Name => "json-options";

    public override long MemoryBound => 64L << 20;

    public override IReadOnlyList<byte[]> CreateSeeds() =>
        [
            .. new[]
            {
                "{\"driver\": \"raw\", \"offset\": 512, \"size\": 1024, \"file\": {\"driver\": \"file\", \"filename\": \"/disk\"}}",
                "{\"driver\": \"qcow2\", \"file\": {\"driver\": \"null-co\", \"size\": 65536}, \"backing\": null}",
                "{'driver': 'raw', 'node-name': 'a', 'read-only': true, 'cache': {'direct': true, 'no-flush': false}, 'file': 'json:{}'}",
                "{\"driver\": \"null-co\", \"size\": 1048576, \"read-zeroes\": true, \"discard\": \"unmap\", \"detect-zeroes\": \"unmap\"}",
            }.Select(Encoding.UTF8.GetBytes),
        ];

    public override void Run(byte[] input)
    {
        var machine = new SimulatedMachine(1) { SynchronousPercent = 100 };
        machine.WriteFile("/disk", new byte[4096]);
        _ = machine.Run(async engine =>
        {
            await using var graph = new BlockGraph(engine, BuiltinDrivers.CreateRegistry());
            try
            {
                var node = await graph.OpenFilenameAsync(
                    "json:" + Encoding.UTF8.GetString(input),
                    null,
                    [],
                    OpenDefaults.Untrusted
                );
                await SimulatedDisk.ReadSomeAsync(node);
                _ = NodeFilename.Of(node);
                await graph.ReleaseAsync(node);
            }
            catch (BlockException)
            {
                // The right answer.
            }
        });
    }
}
