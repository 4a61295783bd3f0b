using Tidemark.Block.Contract;

namespace Tidemark.Drivers.File;

internal sealed partial class FileDriver
{
    /// <inheritdoc/>
    public override ValueTask<BlockDriver> ActivateAsync()
    {
        // Another process may have let it grow, and made holes.
        knownData = default;
        length = file.GetLength();
        return new(this);
    }
}
