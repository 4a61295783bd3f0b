using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Core.Units;
using Tidemark.Drivers.Qcow2.Compression;
using Tidemark.Drivers.Qcow2.Header;
using Tidemark.Drivers.Qcow2.Options;

namespace Tidemark.Drivers.Qcow2;

internal sealed partial class Qcow2Driver
{
    private static async ValueTask<BlockDriver> OpenAsync(NodeOpenContext context, BlockdevOptionsQcow2 described)
    {
        var options = described.ToOptions();
        var file = await context.AttachChildAsync("file", ChildRole.Image);
        var image = await OpenImageAsync(context.Node, file, options, context.Defaults.ForCheck);
        _ = await context.AttachBackingAsync(
            NodeFilename.OfStorage(file.Node),
            image.Header.BackingFileName,
            image.Header.BackingFormat
        );
        var driver = new Qcow2Driver(context.Node, image);
        try
        {
            await driver.StartAsync(context.Defaults);
        }
        catch
        {
            driver.Release();
            throw;
        }
        return driver;
    }

    private static async ValueTask<Qcow2Image> OpenImageAsync(
        BlockNode node,
        BlockChild file,
        Qcow2Options options,
        bool forCheck
    )
    {
        var header = await ReadHeaderAsync(file, writable: !node.IsReadOnly, forCheck);
        var geometry = header.CreateGeometry();
        if (header.CompressionType == CompressionType.Zstd && !Zstd.IsAvailable)
        {
            throw new BlockException(
                BlockErrorKind.NotSupported,
                "qcow2: The image is compressed with zstd, and the library libzstd.so.1 is not installed"
            );
        }
        var caches = CacheSizes.Compute(options, geometry, header.SizeBytes);
        var image = new Qcow2Image(node, file, header, caches, options);
        await image.LoadTablesAsync(forCheck);
        return image;
    }

    private static async ValueTask<Qcow2Header> ReadHeaderAsync(BlockChild file, bool writable, bool forCheck)
    {
        int clusterBits;
        using (var head = AlignedBufferPool.Shared.Rent(Qcow2Header.LengthV3))
        {
            Qcow2Image.Check(await file.ReadAsync(new ByteRange(0, head.Length), head.Memory), "Could not read qcow2 header");
            clusterBits = Qcow2Header.PeekClusterBits(head.GetSpan());
        }
        using var cluster = AlignedBufferPool.Shared.Rent(1 << clusterBits);
        Qcow2Image.Check(await file.ReadAsync(new ByteRange(0, cluster.Length), cluster.Memory), "Could not read qcow2 header");
        return Qcow2Header.Parse(cluster.GetSpan(), writable, forCheck);
    }

    // What an image is told when it is opened for writing.
    private async ValueTask StartAsync(OpenDefaults defaults)
    {
        Image.UsesLazyRefcounts = ResolveLazyRefcounts(Image.Options);
        var writes = !Node.IsReadOnly && !defaults.ForCheck;
        if (writes)
        {
            await StartWritingAsync();
        }
        if (!Node.IsInactive)
        {
            await bitmaps.LoadAsync(use: writes);
        }
    }

    private async ValueTask StartWritingAsync()
    {
        await ClearUnknownAutoclearAsync();
        if (Image.Header.IsDirty)
        {
            await RepairDirtyAsync();
        }
        BeginCleaning();
    }

    // Whoever writes the image without knowing a feature takes its bit away.
    private async ValueTask ClearUnknownAutoclearAsync()
    {
        var header = Image.Header;
        if ((header.AutoclearFeatures & ~Qcow2Features.KnownAutoclear) != 0)
        {
            header.AutoclearFeatures &= Qcow2Features.KnownAutoclear;
            Qcow2Image.Check(await Image.UpdateHeaderAsync(), "Could not update qcow2 header");
        }
    }

    // Lazy refcounts left by someone who did not close the image: they are counted anew.
    private async ValueTask RepairDirtyAsync()
    {
        try
        {
            var result = await CheckAsync(ImageRepair.Errors | ImageRepair.Leaks, Node.Graph.Tell);
            if (result.CheckErrors > 0 || result.Corruptions > 0)
            {
                throw new BlockException(IoStatus.IoError, "Could not repair dirty image");
            }
        }
        catch (BlockException error)
        {
            throw error.Status == IoStatus.IoError ? error : new BlockException(error.Status, "Could not repair dirty image");
        }
        Qcow2Image.Check(await Image.MarkCleanAsync(), "Could not repair dirty image");
    }

    private bool ResolveLazyRefcounts(Qcow2Options options)
    {
        var wanted = options.LazyRefcounts ?? Image.Header.HasLazyRefcounts;
        if (wanted && Image.Header.Version < 3)
        {
            throw new BlockException(
                BlockErrorKind.InvalidOptions,
                "Lazy refcounts require a qcow2 image with at least qemu 1.1 compatibility level"
            );
        }
        return wanted;
    }
}
