namespace Tidemark.Block;

/// <summary>The bounds of this room.</summary>
internal static class Limits
{
    /// <summary>Longest node name, bytes: the reference keeps 32 with the terminator.</summary>
    public const int NodeNameBytes = 31;

    /// <summary>Longest backing chain that is opened; a longer one is taken for a mistake or an attack.</summary>
    public const int ChainLength = 1000;

    /// <summary>Bytes read from a file to recognise its format.</summary>
    public const int ProbeBytes = 2048;

    /// <summary>Largest piece of zeroes written as data at once, bytes.</summary>
    public const int ZeroBuffer = 1 << 20;

    /// <summary>Largest buffer for a request that must be padded to the driver's alignment, bytes.</summary>
    public const int BounceBuffer = 1 << 20;

    /// <summary>Largest size of a node, bytes: offsets stay clear of overflow when rounded up.</summary>
    public const long NodeSize = long.MaxValue & ~((1L << 30) - 1);
}
