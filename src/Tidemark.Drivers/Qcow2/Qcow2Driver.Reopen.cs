using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Schema;
using Tidemark.Drivers.Qcow2.Options;

namespace Tidemark.Drivers.Qcow2;

internal sealed partial class Qcow2Driver
{
    /// <inheritdoc/>
    public override async ValueTask<ReopenStep> PrepareReopenAsync(NodeOptions options)
    {
        var wanted = BlockdevOptionsQcow2.Codec.Parse(options.DriverOptions, SchemaMode.Lenient).ToOptions();
        var caches = CacheSizes.Compute(wanted, Image.Geometry, SizeBytes);
        _ = ResolveLazyRefcounts(wanted);
        if (!options.ReadOnly && Image.Header.IsCorrupt)
        {
            throw new BlockException(BlockErrorKind.AccessDenied, "qcow2: Image is corrupt; cannot be opened read/write");
        }
        var ends = options.ReadOnly && !Node.IsReadOnly && !Image.IsUnusable;
        if (!Node.IsReadOnly && !Image.IsUnusable)
        {
            if (ends)
            {
                await bitmaps.StoreAsync();
            }
            var status = await StopWritingAsync();
            if (status != IoStatus.Ok && ends)
            {
                await ResumeBitmapsAsync(canStayReadOnly: false);
            }
            Qcow2Image.Check(status, "Failed to write the metadata");
        }
        return new Step(this, wanted, caches, options.ReadOnly, ends);
    }

    private sealed class Step(Qcow2Driver driver, Qcow2Options options, CacheSizes caches, bool readOnly, bool endsWriting)
        : ReopenStep
    {
        public override async ValueTask CommitAsync()
        {
            driver.Image.Options = options;
            driver.Image.ResizeCaches(caches);
            driver.Image.Metadata.Guarded = options.OverlapCheck;
            driver.Image.UsesLazyRefcounts = driver.ResolveLazyRefcounts(options);
            if (driver.Node.IsInactive)
            {
                // The image is another's: activation opens it anew, and begins to write if it may.
                return;
            }
            if (readOnly)
            {
                driver.EndCleaning();
                driver.bitmaps.EndUse();
            }
            else
            {
                await driver.Image.GuardMetadataAsync();
                await driver.StartWritingAsync();
                await driver.ResumeBitmapsAsync(canStayReadOnly: true);
            }
        }

        public override async ValueTask AbortAsync()
        {
            if (endsWriting)
            {
                // They were stored, and the guest goes on writing.
                await driver.ResumeBitmapsAsync(canStayReadOnly: false);
            }
        }
    }
}
