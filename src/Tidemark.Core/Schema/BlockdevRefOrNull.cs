using Tidemark.Core.Json;

namespace Tidemark.Core.Schema;

/// <summary>As <see cref="BlockdevRef"/>, or explicitly no node: null.</summary>
/// <param name="Definition">Options of a node to be made.</param>
/// <param name="Reference">Name of an existing node.</param>
/// <param name="Null">Set if there is to be no node.</param>
[Schema(Alternate = true)]
public sealed partial record BlockdevRefOrNull(
    [Late("BlockdevOptions")] JsonObject? Definition = null,
    string? Reference = null,
    JsonNull? Null = null
);
