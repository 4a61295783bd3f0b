using Tidemark.Core.Errors;

namespace Tidemark.Drivers.Qcow2.Refcounts;

/// <summary>The end of an allocation.</summary>
/// <param name="Status">Whether it went well.</param>
/// <param name="Offset">Where in the image file the contiguous run begins, bytes.</param>
internal readonly record struct ClusterAllocation(IoStatus Status, long Offset);
