using Tidemark.Core.Units;

namespace Tidemark.Cli.Demo.FileSystem;

/// <summary>
/// Makes an ext4 file system with files in it, so that the demo needs no other program: extents, no journal, no checksums; the
/// kernel mounts it and e2fsck finds it clean. It also tells where a file's bytes lie on the disk, so that a load can change a
/// file's content without a mount. Files go in one after the other; <see cref="Finish"/> writes the rest.
/// </summary>
internal sealed partial class Ext4Builder
{
    public const int RootInode = 2;
    private const int FirstFreeInode = 11; // those below are reserved
    private const int MaxExtents = 4; // as many as an inode holds without a tree

    private readonly FileStream disk;
    private readonly Ext4Layout layout;
    private readonly uint now;
    private readonly Guid identity;
    private readonly int[] dataUsed; // blocks of each group that are taken, from its first data block on
    private readonly int[] directoriesIn;
    private readonly List<(Ext4Directory Directory, int MinimumBlocks)> directories = [];
    private int lastInode = FirstFreeInode - 1;
    private int fillingGroup;

    /// <summary>Starts a file system over the whole of <paramref name="disk"/>, which is all zeroes. Times are seconds since 1970.</summary>
    public Ext4Builder(FileStream disk, long sizeBytes, uint now, Guid identity)
    {
        (this.disk, layout, this.now, this.identity) = (disk, new Ext4Layout(sizeBytes), now, identity);
        dataUsed = new int[layout.Groups];
        directoriesIn = new int[layout.Groups];
        Root = new Ext4Directory(RootInode, RootInode);
        directories.Add((Root, 1));
        directoriesIn[0] = 1;
        _ = AddDirectory(Root, "lost+found", minimumBlocks: 4); // takes the inode that it must have
    }

    /// <summary>The directory at the top.</summary>
    public Ext4Directory Root { get; }

    /// <summary>Bytes of data blocks not taken yet.</summary>
    public long FreeBytes => (long)FreeBlocks * Ext4Layout.BlockBytes;

    /// <summary>Whether another file or directory may be added.</summary>
    public bool HasInode => lastInode < layout.Groups * Ext4Layout.InodesPerGroup;

    private int FreeBlocks => Enumerable.Range(0, layout.Groups).Sum(FreeIn);

    /// <summary>Adds an empty directory.</summary>
    public Ext4Directory AddDirectory(Ext4Directory parent, string name, int minimumBlocks = 1)
    {
        var directory = new Ext4Directory(NextInode(), parent.Inode);
        parent.Add(directory.Inode, name, Ext4Directory.Folder);
        directories.Add((directory, minimumBlocks));
        directoriesIn[(directory.Inode - 1) / Ext4Layout.InodesPerGroup]++;
        return directory;
    }

    /// <summary>Adds a file with its content; it must fit <see cref="FreeBytes"/>. Returns where its bytes lie on the disk.</summary>
    public IReadOnlyList<ByteRange> AddFile(Ext4Directory parent, string name, ReadOnlySpan<byte> content)
    {
        var extents = Allocate(BlocksFor(content.Length));
        foreach (var extent in extents)
        {
            var from = extent.FileBlock * Ext4Layout.BlockBytes;
            WriteAt(
                (long)extent.DiskBlock * Ext4Layout.BlockBytes,
                content[from..Math.Min(content.Length, from + extent.Blocks * Ext4Layout.BlockBytes)]
            );
        }

        var inode = NextInode();
        parent.Add(inode, name, Ext4Directory.RegularFile);
        WriteInode(inode, Regular, links: 1, content.Length, extents);
        return
        [
            .. extents.Select(extent => new ByteRange(
                (long)extent.DiskBlock * Ext4Layout.BlockBytes,
                (long)extent.Blocks * Ext4Layout.BlockBytes
            )),
        ];
    }

    /// <summary>Writes directories, bitmaps, descriptors and superblocks. Nothing may be added afterwards.</summary>
    public void Finish()
    {
        foreach (var (directory, minimumBlocks) in directories)
        {
            var content = directory.ToBlocks(minimumBlocks);
            var extents = Allocate(BlocksFor(content.Length));
            foreach (var extent in extents)
            {
                WriteAt(
                    (long)extent.DiskBlock * Ext4Layout.BlockBytes,
                    content.AsSpan(extent.FileBlock * Ext4Layout.BlockBytes, extent.Blocks * Ext4Layout.BlockBytes)
                );
            }

            WriteInode(directory.Inode, Folder, links: 2 + directory.Subdirectories, content.Length, extents);
        }

        WriteBitmaps();
        WriteSuperblocks();
        disk.Flush();
    }

    private static int BlocksFor(long bytes) => (int)((bytes + Ext4Layout.BlockBytes - 1) / Ext4Layout.BlockBytes);

    private int NextInode() => HasInode ? ++lastInode : throw new InvalidOperationException("the file system has no inode left");

    private int FreeIn(int group) => Ext4Layout.Start(group + 1) - Ext4Layout.FirstData(group) - dataUsed[group];

    // Takes the next free blocks, group after group. A group that is nearly full is left when a file would need more runs than fit.
    private List<Ext4Extent> Allocate(int blocks)
    {
        var extents = new List<Ext4Extent>();
        for (var taken = 0; taken < blocks; )
        {
            while (FreeIn(fillingGroup) == 0)
            {
                fillingGroup++; // running past the last is the caller's mistake: it asked for more than FreeBytes
            }

            var run = Math.Min(blocks - taken, FreeIn(fillingGroup));
            extents.Add(new Ext4Extent(taken, Ext4Layout.FirstData(fillingGroup) + dataUsed[fillingGroup], run));
            dataUsed[fillingGroup] += run;
            taken += run;
        }

        return extents.Count <= MaxExtents ? extents : throw new InvalidOperationException("a file of more than three groups");
    }

    private void WriteAt(long offset, ReadOnlySpan<byte> data) => RandomAccess.Write(disk.SafeFileHandle, data, offset);
}
