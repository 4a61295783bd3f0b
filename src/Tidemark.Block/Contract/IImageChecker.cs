namespace Tidemark.Block.Contract;

/// <summary>A driver that can check its image's metadata and repair it (qemu-img check).</summary>
public interface IImageChecker
{
    /// <summary>Checks, and repairs as <paramref name="repair"/> says. Throws <see cref="Core.Errors.BlockException"/> when it can't even check.</summary>
    /// <param name="repair">What to mend.</param>
    /// <param name="report">Takes each finding as a line for people ("Leaked cluster 5 refcount=1 reference=0").</param>
    ValueTask<ImageCheckResult> CheckAsync(ImageRepair repair, Action<string> report);
}
