namespace Tidemark.Exports.Nbd;

/// <summary>The numbers of metadata contexts, the same on every export; clients must not rely on it, but some people look at the wire.</summary>
internal static class NbdContextIds
{
    /// <summary>base:allocation.</summary>
    public const uint BaseAllocation = 0;

    /// <summary>qemu:allocation-depth.</summary>
    public const uint AllocationDepth = 1;

    /// <summary>The first bitmap; the others follow.</summary>
    public const uint FirstBitmap = 2;
}
