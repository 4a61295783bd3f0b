using Tidemark.Bitmaps;
using Tidemark.Bitmaps.Migration;

namespace Tidemark.Control.Migration;

/// <summary>A bitmap that leaves with a migration.</summary>
/// <param name="Bitmap">It.</param>
/// <param name="Node">What its node is called on the wire.</param>
/// <param name="Name">What it is called on the wire.</param>
/// <param name="Flags">What it will be.</param>
internal sealed record MigratingBitmap(DirtyBitmap Bitmap, string Node, string Name, BitmapStartFlags Flags);
