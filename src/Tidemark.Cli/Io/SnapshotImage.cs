using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Cli.Io;

/// <summary>A temporary image over another: takes all writes, and is gone when it is closed.</summary>
internal static class SnapshotImage
{
    /// <summary>Makes it over <paramref name="image"/>, which it holds; the caller releases it. Throws <see cref="BlockException"/>.</summary>
    public static async ValueTask<BlockNode> CreateAsync(BlockGraph graph, BlockNode image, bool isReadOnly = false)
    {
        var path = Path.Combine(Environment.GetEnvironmentVariable("TMPDIR") ?? "/var/tmp", $"vl.{Guid.NewGuid():N}");
        var creation =
            graph.Drivers.Require("qcow2").Creation
            ?? throw new BlockException(BlockErrorKind.NotSupported, "Temporary images can't be made");
        await creation.CreateFileAsync(graph, path, new JsonObject { ["size"] = image.SizeBytes.ToString() });
        try
        {
            return await graph.OpenAsync(
                new JsonObject
                {
                    ["driver"] = "qcow2",
                    ["file"] = new JsonObject { ["driver"] = "file", ["filename"] = path },
                    ["backing"] = image.Name,
                    ["cache"] = new JsonObject { ["no-flush"] = true },
                    ["read-only"] = isReadOnly,
                }
            );
        }
        finally
        {
            // The open file lives on without its name.
            await graph.Engine.DeleteFileAsync(path);
        }
    }
}
