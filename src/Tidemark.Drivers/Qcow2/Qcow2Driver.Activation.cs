using Tidemark.Block.Contract;

namespace Tidemark.Drivers.Qcow2;

internal sealed partial class Qcow2Driver
{
    /// <inheritdoc/>
    public override async ValueTask InactivateAsync()
    {
        if (Node.IsReadOnly || Image.IsUnusable)
        {
            // Activation reads them anew.
            bitmaps.ReleaseUnwritten();
            return;
        }
        await bitmaps.StoreAsync();
        var status = await StopWritingAsync();
        if (status != Core.Errors.IoStatus.Ok)
        {
            await ResumeBitmapsAsync(canStayReadOnly: false);
        }
        Qcow2Image.Check(status, "Failed to write the metadata");
        EndCleaning();
        bitmaps.Release();
    }

    /// <inheritdoc/>
    public override async ValueTask<BlockDriver> ActivateAsync()
    {
        Release();
        var image = await OpenImageAsync(Node, Image.File, Image.Options, forCheck: false);
        var driver = new Qcow2Driver(Node, image);
        try
        {
            await driver.StartAsync(OpenDefaults.Reference);
        }
        catch
        {
            driver.EndCleaning();
            driver.Release();
            throw;
        }
        return driver;
    }
}
