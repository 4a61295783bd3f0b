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

    /// <summary>Longest piece that copy-on-read reads and keeps at once, bytes, if a cluster is not longer.</summary>
    public const int CopyOnReadPiece = 1 << 20;

    /// <summary>Largest size of a node, bytes: offsets stay clear of overflow when rounded up.</summary>
    public const long NodeSize = long.MaxValue & ~((1L << 30) - 1);

    /// <summary>Smallest unit of a block copy, bytes: the reference's.</summary>
    public const int CopyCluster = 64 << 10;

    /// <summary>Largest unit of a block copy that may be asked for, bytes: a guest's write waits for whole units to be copied.</summary>
    public const int CopyLargestCluster = 64 << 20;

    /// <summary>Longest piece of data of a block copy, bytes: from here on longer requests are not faster.</summary>
    public const int CopyChunk = 1 << 20;

    /// <summary>Longest run of zeroes that a block copy writes at once, bytes: a guest's write may have to wait for it.</summary>
    public const long CopyZeroes = 64L << 20;

    /// <summary>How far a block copy asks its source about zeroes at once, bytes.</summary>
    public const long CopyStatus = 1L << 30;

    /// <summary>Pieces that a block copy reserves ahead, whatever number of workers is asked for.</summary>
    public const int CopyReserved = 256;

    /// <summary>How many pieces of a copy are at work at once where devices or peers do the work.</summary>
    public const int CopyPlaces = 16;

    /// <summary>How many where both ends are in the page cache and processors do it: what is read stays in their caches until it is written.</summary>
    public const int CopyCachedPlaces = 4;

    /// <summary>Questions about allocation after which the loop sees to others.</summary>
    public const int CopyQuestions = 64;
}
