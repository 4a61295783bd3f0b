namespace Tidemark.Nbd.MetaContext;

/// <summary>The names of the contexts that we serve (NBD protocol, "Metadata querying"; the qemu namespace is registered there).</summary>
public static class ContextNames
{
    /// <summary>Where data is: <see cref="AllocationFlags"/>.</summary>
    public const string BaseAllocation = "base:allocation";

    /// <summary>How deep in the backing chain the data lies: 0 nowhere, 1 in the node itself, 2 below it.</summary>
    public const string AllocationDepth = "qemu:allocation-depth";

    /// <summary>Before a bitmap's name; status 1 is dirty, 0 clean.</summary>
    public const string DirtyBitmapPrefix = "qemu:dirty-bitmap:";

    /// <summary>The context of the bitmap <paramref name="name"/>.</summary>
    public static string DirtyBitmap(string name) => DirtyBitmapPrefix + name;
}
