using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Units;

namespace Tidemark.Drivers.File;

/// <summary>"Making" a device: it is there, must be large enough, and loses its first sector, so that no old header is taken for a new one.</summary>
internal static class DeviceCreation
{
    private const int Sector = 512;

    public static readonly ImageCreation Definition = new()
    {
        ParseOptions = static _ =>
            throw new BlockException(BlockErrorKind.NotSupported, "Driver does not support blockdev-create"),
        CreateAsync = static (_, _) => ValueTask.CompletedTask,
        CommandLineOptions = [new("size", CreateOptionType.Size, "Virtual disk size")],
        CreateFileAsync = CreateAsync,
    };

    private static async ValueTask CreateAsync(BlockGraph graph, string filename, JsonObject options)
    {
        var described = FileFilename.Parse(filename);
        described["driver"] = FileDriver.DeviceDefinition.Name;
        var node = await graph.OpenAsync(described);
        try
        {
            await using var device = BlockBackend.Create(
                node,
                BlockPermissions.Write | BlockPermissions.Resize,
                BlockPermissions.All
            );
            await device.TruncateAsync(
                (long)FileCreateOptions.FromCommandLine(filename, options).Checked().Size,
                exact: false,
                PreallocationMode.Off
            );
            var first = Math.Min(Sector, node.SizeBytes);
            if (first > 0 && await device.WriteZeroesAsync(new ByteRange(0, first)) is var status and not IoStatus.Ok)
            {
                throw new BlockException(status, "Failed to clear the new image's first sector");
            }
        }
        finally
        {
            await graph.ReleaseAsync(node);
        }
    }
}
