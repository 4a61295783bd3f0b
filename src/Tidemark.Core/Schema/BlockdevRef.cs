using Tidemark.Core.Json;

namespace Tidemark.Core.Schema;

/// <summary>A block node named in another's options: one that exists, or the options of a new one.</summary>
/// <param name="Reference">Name of an existing node.</param>
/// <param name="Definition">Options of a node to be made.</param>
[Schema(Alternate = true)]
public sealed partial record BlockdevRef([Late("BlockdevOptions")] JsonObject? Definition = null, string? Reference = null);
