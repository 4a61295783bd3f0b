using Tidemark.Core.Schema;

namespace Tidemark.Control.Migration;

/// <summary>A bitmap and its name on the wire (BitmapMigrationBitmapAlias).</summary>
[Schema(Name = "BitmapMigrationBitmapAlias")]
internal sealed partial record BitmapAlias(string Name, string Alias, BitmapTransform? Transform = null);
