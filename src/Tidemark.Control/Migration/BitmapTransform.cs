using Tidemark.Core.Schema;

namespace Tidemark.Control.Migration;

/// <summary>What a bitmap is made on its way (BitmapMigrationBitmapAliasTransform).</summary>
/// <param name="Persistent">Whether it is stored with its image from then on.</param>
[Schema(Name = "BitmapMigrationBitmapAliasTransform")]
internal sealed partial record BitmapTransform(bool? Persistent = null);
