using Tidemark.Core.Json;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Migration;

/// <summary>A text, or null for the empty one (StrOrNull).</summary>
[Schema(Alternate = true, Name = "StrOrNull")]
internal sealed partial record TextOrNull(string? Text = null, JsonNull? Null = null);
