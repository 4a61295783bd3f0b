using Tidemark.Core.Errors;
using Tidemark.Core.Schema;
using Tidemark.Core.Units;

namespace Tidemark.Drivers.Raw;

/// <summary>Options of raw: the node below, and the window of it, in bytes.</summary>
[Schema]
internal sealed partial record RawOptions(BlockdevRef File, [Size] long? Offset = null, [Size] long? Size = null)
{
    /// <summary>Whether the node is only a part of the file.</summary>
    public bool HasWindow => Offset is > 0 || Size is not null;

    /// <summary>Checks the window against the file; throws <see cref="BlockException"/>.</summary>
    public void Check(long fileSizeBytes)
    {
        RequireNotNegative("offset", Offset);
        RequireNotNegative("size", Size);
        var offset = Offset ?? 0;
        if (offset > fileSizeBytes)
        {
            throw Invalid($"Offset ({offset}) cannot be greater than size of the containing file ({fileSizeBytes})");
        }
        if (Size is not { } size)
        {
            return;
        }
        if (fileSizeBytes - offset < size)
        {
            throw Invalid(
                $"The sum of offset ({offset}) and size ({size}) has to be smaller or equal to the  actual size of the containing file ({fileSizeBytes})"
            );
        }
        if (!Alignment.Is(size, 512))
        {
            throw Invalid("Specified size is not multiple of 512");
        }
    }

    private static void RequireNotNegative(string name, long? value)
    {
        if (value < 0)
        {
            throw Invalid($"Parameter '{name}' expects a non-negative number below 2^64");
        }
    }

    private static BlockException Invalid(string message) => new(BlockErrorKind.InvalidOptions, message);
}
