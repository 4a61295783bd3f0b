using Tidemark.Bitmaps;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Queries;

/// <summary>A bitmap as queries show it (BlockDirtyInfo); sizes in bytes.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Recording">Whether writes are recorded, be it by a successor.</param>
/// <param name="Persistent">Whether it is stored in its image.</param>
/// <param name="Busy">Whether somebody holds it.</param>
/// <param name="Granularity">Bytes that a bit stands for.</param>
/// <param name="Count">Dirty bytes, in whole granules.</param>
/// <param name="Inconsistent">Present only when it can't be relied upon.</param>
/// <param name="Status">The one word of earlier versions, in query-block's legacy list only.</param>
[Schema(Name = "BlockDirtyInfo")]
internal sealed partial record DirtyBitmapInfo(
    string Name,
    bool Recording,
    bool Persistent,
    bool Busy,
    long Granularity,
    long Count,
    bool? Inconsistent = null,
    string? Status = null
)
{
    /// <summary>The named bitmaps of a set (contract B4, B5); null if there are none, since the member is then left out.</summary>
    public static IReadOnlyList<DirtyBitmapInfo>? List(DirtyBitmapSet bitmaps, bool withStatus)
    {
        List<DirtyBitmapInfo>? list = null;
        foreach (var bitmap in bitmaps)
        {
            if (bitmap.Name is not { } name)
            {
                continue;
            }
            list ??= [];
            list.Add(
                new(
                    name,
                    bitmap.IsRecording,
                    bitmap.IsPersistent,
                    bitmap.IsBusy,
                    bitmap.Granularity,
                    bitmap.DirtyBytes,
                    bitmap.IsInconsistent ? true : null,
                    withStatus ? bitmap.Status : null
                )
            );
        }
        return list;
    }
}
