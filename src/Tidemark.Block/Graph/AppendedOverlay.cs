using Tidemark.Block.Contract;
using Tidemark.Core.Json;

namespace Tidemark.Block.Graph;

/// <summary>An overlay that <see cref="GraphEdit.Append"/> put above a node, with the options it had before.</summary>
/// <param name="Overlay">The overlay.</param>
/// <param name="Options">Its options.</param>
/// <param name="ExplicitOptions">Its options as they were given.</param>
public sealed record AppendedOverlay(BlockNode Overlay, NodeOptions Options, JsonObject ExplicitOptions);
