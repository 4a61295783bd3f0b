using Tidemark.Core.Schema;

namespace Tidemark.Control.Commands.Bitmap;

/// <summary>A bitmap of the node at hand by its name, or one of another node.</summary>
/// <param name="Local">Name of a bitmap of the node at hand.</param>
/// <param name="External">A bitmap of any node.</param>
[Schema(Name = "BlockDirtyBitmapOrStr", Alternate = true)]
public sealed partial record BitmapReference(string? Local = null, BitmapArguments? External = null);
