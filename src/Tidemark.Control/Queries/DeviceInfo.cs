using Tidemark.Core.Schema;

namespace Tidemark.Control.Queries;

/// <summary>A device as query-block shows it (BlockInfo): with us, an exported node.</summary>
[Schema(Name = "BlockInfo")]
internal sealed partial record DeviceInfo(
    string Device,
    string Type,
    bool Removable,
    bool Locked,
    NodeInfo Inserted,
    IReadOnlyList<DirtyBitmapInfo>? DirtyBitmaps = null
);
