using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Commands.Block;

/// <summary>change-backing-file: what an image's header says of its backing file; the graph stays as it is.</summary>
internal sealed partial class ChangeBackingFile(ControlContext context)
    : QmpCommand<ChangeBackingFile.Arguments>("change-backing-file", Arguments.Codec)
{
    /// <summary>What it takes: the top of the chain, the image in it, and the name to write; empty for none.</summary>
    [Schema]
    internal sealed partial record Arguments(string Device, string ImageNodeName, string BackingFile);

    /// <inheritdoc/>
    protected override async ValueTask RunAsync(Arguments arguments)
    {
        var device = context.Graph.Require(arguments.Device);
        device.RequireRoot();
        var image = context.Graph.RequireNode(arguments.ImageNodeName);
        if (image.BackingNode is null)
        {
            throw new QmpException("not allowing backing file change on an image without a backing file");
        }
        if (!device.ChainContains(image))
        {
            throw new QmpException($"'{arguments.Device}' and image file are not in the same chain");
        }
        image.RequireUnblocked(BlockOperation.Change);
        if (image.Driver is not IBackingFileDriver driver)
        {
            throw Failure(IoStatus.NotSupported);
        }
        var wasReadOnly = image.IsReadOnly;
        if (wasReadOnly)
        {
            await context.Graph.SetReadOnlyAsync(image, readOnly: false);
        }
        try
        {
            var name = arguments.BackingFile.Length > 0 ? arguments.BackingFile : null;
            // The reference takes the backing file to be of the image's own format.
            await driver.ChangeBackingFileAsync(name, name is null ? null : image.Definition.Name);
        }
        catch (BlockException error)
        {
            throw Failure(error.Status);
        }
        finally
        {
            if (wasReadOnly)
            {
                await context.Graph.SetReadOnlyAsync(image, readOnly: true);
            }
        }

        BlockException Failure(IoStatus status) => new(status, $"Could not change backing file to '{arguments.BackingFile}'");
    }
}
