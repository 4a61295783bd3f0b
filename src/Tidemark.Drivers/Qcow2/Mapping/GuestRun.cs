namespace Tidemark.Drivers.Qcow2.Mapping;

/// <summary>Where a run of guest bytes lies.</summary>
/// <param name="Kind">What it is; the same for the whole run.</param>
/// <param name="Length">Bytes of the run, at least 1.</param>
/// <param name="HostOffset">Where its first byte lies in the image file, with <see cref="ClusterKind.Normal"/> and <see cref="ClusterKind.ZeroAllocated"/>.</param>
/// <param name="Entry">The L2 entry of its first cluster.</param>
internal readonly record struct GuestRun(ClusterKind Kind, long Length, long HostOffset = 0, ulong Entry = 0)
{
    /// <summary>Whether the run may be written in place.</summary>
    public bool IsCopied => (Entry & EntryBits.Copied) != 0;

    /// <summary>Whether host clusters belong to it.</summary>
    public bool IsAllocated => Kind is ClusterKind.Normal or ClusterKind.ZeroAllocated or ClusterKind.Compressed;
}
