using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Bitmap;

/// <summary>x-debug-block-dirty-bitmap-sha256: a digest of a bitmap's bits, for comparing (contract Q7).</summary>
internal sealed partial class DebugBitmapSha256(ControlContext context)
    : QmpCommand<BitmapArguments, DebugBitmapSha256.Digest>(
        "x-debug-block-dirty-bitmap-sha256",
        BitmapArguments.Codec,
        Digest.Codec
    )
{
    /// <summary>What it returns.</summary>
    [Schema(Name = "BlockDirtyBitmapSha256")]
    internal sealed partial record Digest(string Sha256);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Features => ["unstable"];

    /// <inheritdoc/>
    protected override ValueTask<Digest> RunAsync(BitmapArguments arguments) =>
        new(new Digest(context.RequireBitmap(arguments).Content.Sha256Hex()));
}
