namespace Tidemark.Cli.Demo.FileSystem;

/// <summary>
/// Where the metadata of an ext4 file system lies (kernel documentation, "ext4 Data Structures and Algorithms"): block groups of
/// 128 MiB, each with its bitmaps and inode table at its start; copies of the superblock in groups 0, 1 and powers of 3, 5, 7.
/// <code>
///   group:  [superblock, descriptors]?  block bitmap | inode bitmap | inode table (512 blocks) | data ...
/// </code>
/// All figures in blocks of 4 KiB unless they say otherwise.
/// </summary>
internal sealed class Ext4Layout
{
    public const int BlockBytes = 4096;
    public const int InodeBytes = 256;
    public const int BlocksPerGroup = BlockBytes * 8; // as many as one bitmap block has bits
    public const int InodesPerGroup = 8192;
    public const int InodeTableBlocks = InodesPerGroup * InodeBytes / BlockBytes;
    public const int DescriptorBytes = 32;

    /// <summary>A file system of <paramref name="sizeBytes"/>, a multiple of 128 MiB up to 16 GiB (its descriptors fit one block).</summary>
    public Ext4Layout(long sizeBytes)
    {
        const long group = (long)BlocksPerGroup * BlockBytes;
        if (sizeBytes <= 0 || sizeBytes % group != 0 || sizeBytes / group > BlockBytes / DescriptorBytes)
        {
            throw new ArgumentOutOfRangeException(nameof(sizeBytes), "a whole number of groups of 128 MiB, at most 128 of them");
        }

        Groups = (int)(sizeBytes / group);
    }

    /// <summary>Number of block groups.</summary>
    public int Groups { get; }

    /// <summary>Number of blocks in all.</summary>
    public int Blocks => Groups * BlocksPerGroup;

    /// <summary>First block of a group.</summary>
    public static int Start(int group) => group * BlocksPerGroup;

    /// <summary>Whether a group begins with a copy of the superblock and the descriptors ("sparse_super").</summary>
    public static bool HasSuperblock(int group) =>
        group <= 1 || IsPowerOf(group, 3) || IsPowerOf(group, 5) || IsPowerOf(group, 7);

    /// <summary>The block of a group's block bitmap; its inode bitmap and inode table follow.</summary>
    public static int BlockBitmap(int group) => Start(group) + (HasSuperblock(group) ? 2 : 0);

    /// <summary>The block of a group's inode bitmap.</summary>
    public static int InodeBitmap(int group) => BlockBitmap(group) + 1;

    /// <summary>The first block of a group's inode table.</summary>
    public static int InodeTable(int group) => BlockBitmap(group) + 2;

    /// <summary>The first block of a group that may hold data.</summary>
    public static int FirstData(int group) => InodeTable(group) + InodeTableBlocks;

    /// <summary>Byte offset of an inode, counted from 1, on the disk.</summary>
    public static long InodeOffset(int inode) =>
        (long)InodeTable((inode - 1) / InodesPerGroup) * BlockBytes + (inode - 1) % InodesPerGroup * InodeBytes;

    private static bool IsPowerOf(int value, int root)
    {
        while (value % root == 0)
        {
            value /= root;
        }

        return value == 1;
    }
}
