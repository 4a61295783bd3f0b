using System.Globalization;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Control.Fleecing;

/// <summary>
/// A place for old data that nobody has to provide: a sparse file without a name. It takes no more room than what was saved, and is
/// gone with the daemon, whatever ends that.
/// </summary>
internal static class ScratchFile
{
    private const string DefaultDirectory = "/var/tmp";

    /// <summary>A node over a new file of <paramref name="sizeBytes"/> in <paramref name="directory"/>. Throws <see cref="BlockException"/>.</summary>
    public static async ValueTask<BlockNode> OpenAsync(BlockGraph graph, string? directory, long sizeBytes)
    {
        directory ??= Environment.GetEnvironmentVariable("TMPDIR") is { Length: > 0 } set ? set : DefaultDirectory;
        var name = graph.Engine.Random.NextInt64().ToString("x16", CultureInfo.InvariantCulture);
        var path = Path.Combine(directory, $"tidemark-scratch-{name}");
        var creation = graph.Drivers.Require("file").Creation ?? throw Invariant.Unreachable("the file driver makes files");
        await creation.CreateFileAsync(graph, path, new JsonObject { { "size", new JsonNumber(sizeBytes) } });
        try
        {
            return await graph.OpenAsync(
                new JsonObject
                {
                    { "driver", new JsonString("file") },
                    { "filename", new JsonString(path) },
                    { "discard", new JsonString("unmap") },
                }
            );
        }
        finally
        {
            await graph.Engine.DeleteFileAsync(path);
        }
    }
}
