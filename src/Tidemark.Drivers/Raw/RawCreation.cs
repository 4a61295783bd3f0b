using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Drivers.Raw;

/// <summary>Making a raw image: by command line it is making its file; by blockdev-create it is setting the size of a node.</summary>
internal static class RawCreation
{
    public static readonly ImageCreation Definition = new()
    {
        ParseOptions = static _ =>
            throw new BlockException(BlockErrorKind.NotSupported, "Driver does not support blockdev-create"),
        CreateAsync = static (_, _) => ValueTask.CompletedTask,
        CommandLineOptions = [new("size", CreateOptionType.Size, "Virtual disk size")],
        CreateFileAsync = CreateFileAsync,
    };

    private static ValueTask CreateFileAsync(BlockGraph graph, string filename, JsonObject options)
    {
        var protocol = graph.Drivers.FindByFilename(filename) ?? graph.Drivers.Require("file");
        return protocol.Creation is { } creation
            ? creation.CreateFileAsync(graph, filename, options)
            : throw new BlockException(
                BlockErrorKind.NotSupported,
                $"Protocol driver '{protocol.Name}' does not support image creation, and opening the image failed"
            );
    }
}
