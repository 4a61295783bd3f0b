using Tidemark.Block.Contract;
using Tidemark.Core.Json;
using Tidemark.Drivers.Qcow2.Info;

namespace Tidemark.Drivers.Qcow2;

internal sealed partial class Qcow2Driver : IImageInfo
{
    /// <inheritdoc/>
    public bool? IsDirty => Image.Header.IsDirty;

    /// <inheritdoc/>
    public JsonObject? GetFormatSpecific() => Qcow2Info.Describe(Image.Header, bitmaps.List());
}
