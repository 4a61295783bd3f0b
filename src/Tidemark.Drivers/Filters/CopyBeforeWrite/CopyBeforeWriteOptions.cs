using Tidemark.Core.Schema;

namespace Tidemark.Drivers.Filters.CopyBeforeWrite;

/// <summary>Options of the driver; QMP's BlockdevOptionsCbw.</summary>
[Schema]
internal sealed partial record CopyBeforeWriteOptions(
    BlockdevRef File,
    BlockdevRef Target,
    BitmapName? Bitmap = null,
    OnCbwError OnCbwError = OnCbwError.BreakGuestWrite,
    uint CbwTimeout = 0,
    [Size] ulong? MinClusterSize = null
);

/// <summary>A bitmap of some node; QMP's BlockDirtyBitmap.</summary>
[Schema]
internal sealed partial record BitmapName(string Node, string Name);

/// <summary>What gives way when old data can't be saved; QMP's OnCbwError.</summary>
[Schema]
internal enum OnCbwError
{
    BreakGuestWrite,
    BreakSnapshot,
}
