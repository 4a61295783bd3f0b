namespace Tidemark.Bitmaps;

/// <summary>Every bound of this room, with its source.</summary>
public static class BitmapLimits
{
    /// <summary>Finest granularity a user may ask for, bytes. Contract B7.</summary>
    public const long MinGranularity = 512;

    /// <summary>Coarsest granularity a user may ask for, bytes. Contract B7; qcow2 spec, "Bitmap directory": granularity_bits is at most 31.</summary>
    public const long MaxGranularity = 1L << 31;

    /// <summary>Smallest default granularity, bytes: the node's cluster size is raised to it. Contract B7.</summary>
    public const long MinDefaultGranularity = 4096;

    /// <summary>Largest default granularity, bytes, and the one of nodes without clusters. Contract B7.</summary>
    public const long MaxDefaultGranularity = 65536;

    /// <summary>Longest name of a stored bitmap, bytes of UTF-8. qcow2 spec, "Bitmap directory": name_size is at most 1023.</summary>
    public const int PersistentNameBytes = 1023;

    /// <summary>
    /// Longest name of a transient bitmap, bytes of UTF-8. Contract B3: no practical limit; the message that carries it has one.
    /// The reference stops at <see cref="PersistentNameBytes"/> here too: that value makes us refuse what it refuses.
    /// </summary>
    public const int TransientNameBytes = int.MaxValue;
}
