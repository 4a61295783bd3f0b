namespace Tidemark.Core.Schema;

/// <summary>
/// On a <c>ulong</c> or <c>long</c> member: a number of bytes. On the wire the same as <c>uint64</c> or <c>int64</c>; where values
/// come as option strings a suffix (64k, 1.5G) is understood, and none is negative.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
public sealed class SizeAttribute : Attribute;
