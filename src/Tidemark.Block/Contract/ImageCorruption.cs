using Tidemark.Block.Graph;

namespace Tidemark.Block.Contract;

/// <summary>Damage that a driver found in an image at work (event BLOCK_IMAGE_CORRUPTED).</summary>
/// <param name="Node">The image's node.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Offset">Where in the image file, bytes, if known.</param>
/// <param name="Size">How many bytes are concerned, if known.</param>
/// <param name="IsFatal">Whether the image serves no further request.</param>
public sealed record ImageCorruption(BlockNode Node, string Message, long? Offset, long? Size, bool IsFatal);
