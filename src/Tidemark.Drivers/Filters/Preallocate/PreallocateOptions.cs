using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Schema;

namespace Tidemark.Drivers.Filters.Preallocate;

/// <summary>Options of the driver; QMP's BlockdevOptionsPreallocate. Both sizes in bytes.</summary>
[Schema]
internal sealed partial record PreallocateOptions(
    BlockdevRef File,
    [Size] ulong PreallocAlign = 1 << 20,
    [Size] ulong PreallocSize = 128 << 20
)
{
    private const ulong Sector = 512;

    /// <summary>Throws <see cref="BlockException"/> for a unit that the node below can't take.</summary>
    public void Check(BlockNode file)
    {
        if (PreallocAlign % Sector != 0)
        {
            throw Invalid($"prealloc-align parameter of preallocate filter is not aligned to {Sector}");
        }
        var alignment = (ulong)file.Limits.RequestAlignment;
        if (PreallocAlign % alignment != 0)
        {
            throw Invalid(
                $"prealloc-align parameter of preallocate filter is not aligned to underlying node request alignment ({alignment})"
            );
        }
    }

    private static BlockException Invalid(string text) => new(BlockErrorKind.InvalidOptions, text);
}
