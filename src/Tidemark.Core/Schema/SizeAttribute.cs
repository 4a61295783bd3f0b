namespace Tidemark.Core.Schema;

/// <summary>
/// On a <c>ulong</c> or <c>long</c> member: a number of bytes. On the wire the same as <c>uint64</c>; where values come as
/// option strings a suffix (64k, 1.5G) is understood. A <c>long</c> one refuses 2^63 and above.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
public sealed class SizeAttribute : Attribute;
