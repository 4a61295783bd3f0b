using Tidemark.Core.Schema;

namespace Tidemark.Control.Commands.Bitmap;

/// <summary>One bitmap of one node.</summary>
/// <param name="Node">The node, or the device that uses it.</param>
/// <param name="Name">The bitmap's name.</param>
[Schema(Name = "BlockDirtyBitmap")]
public sealed partial record BitmapArguments(string Node, string Name);
