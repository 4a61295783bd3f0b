using Tidemark.Core.Json;
using Tidemark.Core.Units;

namespace Tidemark.Fuzz.Targets;

/// <summary>Small valid qcow2 images of several kinds.</summary>
internal static class Qcow2Seeds
{
    /// <summary>Makes them.</summary>
    public static IReadOnlyList<byte[]> Create() =>
        [
            CreateOne(new() { ["size"] = "1048576" }),
            CreateOne(new() { ["size"] = "262144", ["cluster_size"] = "4096" }),
            CreateOne(
                new()
                {
                    ["size"] = "65536",
                    ["cluster_size"] = "512",
                    ["refcount_bits"] = "1",
                },
                bitmaps: false
            ),
            CreateOne(
                new()
                {
                    ["size"] = "1048576",
                    ["cluster_size"] = "4096",
                    ["lazy_refcounts"] = "on",
                    ["refcount_bits"] = "64",
                }
            ),
            CreateOne(
                new()
                {
                    ["size"] = "1048576",
                    ["compat"] = "0.10",
                    ["cluster_size"] = "4096",
                },
                bitmaps: false
            ),
        ];

    private static byte[] CreateOne(JsonObject options, bool bitmaps = true) =>
        SimulatedDisk.Create(
            options,
            async (node, backend) =>
            {
                if (bitmaps)
                {
                    _ = await Block.Graph.NodeBitmaps.AddAsync(node, "one", 65536, persistent: true, recording: true);
                    _ = await Block.Graph.NodeBitmaps.AddAsync(node, "two", 4096, persistent: true, recording: false);
                }
                var data = new byte[5000];
                data.AsSpan().Fill(0xA5);
                _ = await backend.WriteAsync(new ByteRange(0, 5000), data);
                _ = await backend.WriteAsync(new ByteRange(40_000, 5000), data);
                _ = await backend.WriteZeroesAsync(new ByteRange(32_768, 4096));
            }
        );
}
