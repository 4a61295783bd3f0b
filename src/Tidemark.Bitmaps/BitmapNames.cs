using System.Text;
using Tidemark.Core.Errors;

namespace Tidemark.Bitmaps;

/// <summary>The names a bitmap may have; that they are unique is <see cref="DirtyBitmapSet"/>'s business. Contract B3.</summary>
public static class BitmapNames
{
    /// <summary>Throws <see cref="BlockException"/> for an empty name, or one longer than its kind allows.</summary>
    public static void Require(string name, bool persistent)
    {
        if (name.Length == 0)
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, "Bitmap name cannot be empty");
        }
        if (Encoding.UTF8.GetByteCount(name) > (persistent ? BitmapLimits.PersistentNameBytes : BitmapLimits.TransientNameBytes))
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, $"Bitmap name too long: {name}");
        }
    }
}
