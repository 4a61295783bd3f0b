using Tidemark.Core.Json;

namespace Tidemark.Block.Contract;

/// <summary>A driver with something to tell about its image (qemu-img info, query-named-block-nodes).</summary>
public interface IImageInfo
{
    /// <summary>Whether an unclean shutdown is marked in the image; null if it can't tell.</summary>
    bool? IsDirty { get; }

    /// <summary>The member "format-specific": type and data, in QMP's keys; null if there is none.</summary>
    JsonObject? GetFormatSpecific();
}
