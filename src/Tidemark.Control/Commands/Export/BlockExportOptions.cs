using Tidemark.Control.Commands.Bitmap;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Commands.Export;

/// <summary>What block-export-add takes.</summary>
[Schema(Discriminator = "type", Shared = "id,fixed-iothread,iothread,node-name,writable,writethrough,allow-inactive")]
public abstract partial record BlockExportOptions
{
    /// <summary>An export over NBD. All nodes are on one loop, so that of the thread only "fixed" can fail.</summary>
    [Branch("nbd")]
    public sealed partial record Nbd(
        string Id,
        string NodeName,
        bool? FixedIothread = null,
        string? Iothread = null,
        bool? Writable = null,
        bool? Writethrough = null,
        bool? AllowInactive = null,
        string? Name = null,
        string? Description = null,
        IReadOnlyList<BitmapReference>? Bitmaps = null,
        bool? AllocationDepth = null
    ) : BlockExportOptions;
}
