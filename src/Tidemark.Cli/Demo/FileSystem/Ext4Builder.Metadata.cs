using System.Buffers.Binary;

namespace Tidemark.Cli.Demo.FileSystem;

/// <content>What stands on the disk beside the files: inodes, bitmaps, group descriptors, superblocks.</content>
internal sealed partial class Ext4Builder
{
    private const ushort Regular = 0x81A4; // S_IFREG, rw-r--r--
    private const ushort Folder = 0x41ED; // S_IFDIR, rwxr-xr-x
    private const uint UsesExtents = 0x80000; // EXT4_EXTENTS_FL
    private const ushort ExtentMagic = 0xF30A;
    private const ushort ExtraInodeBytes = 32;
    private const uint IncompatFiletypeAndExtents = 0x2 | 0x40;
    private const uint ReadOnlyCompat = 0x1 | 0x2 | 0x40; // sparse_super, large_file, extra_isize

    private void WriteInode(int inode, ushort mode, int links, long size, List<Ext4Extent> extents)
    {
        Span<byte> fields = stackalloc byte[Ext4Layout.InodeBytes];
        fields.Clear();
        Put16(fields, 0x00, mode);
        Put32(fields, 0x04, (uint)size);
        Put32(fields, 0x08, now);
        Put32(fields, 0x0C, now);
        Put32(fields, 0x10, now);
        Put16(fields, 0x1A, (ushort)links);
        Put32(fields, 0x1C, (uint)extents.Sum(extent => (long)extent.Blocks * Ext4Layout.BlockBytes / 512));
        Put32(fields, 0x20, UsesExtents);
        Put16(fields, 0x28, ExtentMagic);
        Put16(fields, 0x2A, (ushort)extents.Count);
        Put16(fields, 0x2C, MaxExtents);
        var place = 0x34;
        foreach (var extent in extents)
        {
            Put32(fields, place, (uint)extent.FileBlock);
            Put16(fields, place + 4, (ushort)extent.Blocks);
            Put32(fields, place + 8, (uint)extent.DiskBlock);
            place += 12;
        }

        Put32(fields, 0x6C, (uint)(size >> 32));
        Put16(fields, 0x80, ExtraInodeBytes);
        WriteAt(Ext4Layout.InodeOffset(inode), fields);
    }

    private void WriteBitmaps()
    {
        var bitmap = new byte[Ext4Layout.BlockBytes];
        for (var group = 0; group < layout.Groups; group++)
        {
            Array.Clear(bitmap);
            Fill(bitmap, 0, Ext4Layout.FirstData(group) - Ext4Layout.Start(group) + dataUsed[group]);
            WriteAt((long)Ext4Layout.BlockBitmap(group) * Ext4Layout.BlockBytes, bitmap);

            Array.Clear(bitmap);
            Fill(bitmap, 0, InodesUsed(group));
            Fill(bitmap, Ext4Layout.InodesPerGroup, Ext4Layout.BlocksPerGroup); // there are no such inodes
            WriteAt((long)Ext4Layout.InodeBitmap(group) * Ext4Layout.BlockBytes, bitmap);
        }
    }

    private void WriteSuperblocks()
    {
        var descriptors = new byte[Ext4Layout.BlockBytes];
        for (var group = 0; group < layout.Groups; group++)
        {
            var fields = descriptors.AsSpan(group * Ext4Layout.DescriptorBytes, Ext4Layout.DescriptorBytes);
            Put32(fields, 0x00, (uint)Ext4Layout.BlockBitmap(group));
            Put32(fields, 0x04, (uint)Ext4Layout.InodeBitmap(group));
            Put32(fields, 0x08, (uint)Ext4Layout.InodeTable(group));
            Put16(fields, 0x0C, (ushort)FreeIn(group));
            Put16(fields, 0x0E, (ushort)(Ext4Layout.InodesPerGroup - InodesUsed(group)));
            Put16(fields, 0x10, (ushort)directoriesIn[group]);
        }

        var superblock = Superblock();
        for (var group = 0; group < layout.Groups; group++)
        {
            if (Ext4Layout.HasSuperblock(group))
            {
                Put16(superblock, 0x5A, (ushort)group);
                var start = (long)Ext4Layout.Start(group) * Ext4Layout.BlockBytes;
                WriteAt(group == 0 ? 1024 : start, superblock); // the first kilobyte of a disk is the boot loader's
                WriteAt(start + Ext4Layout.BlockBytes, descriptors);
            }
        }
    }

    private byte[] Superblock()
    {
        var fields = new byte[1024];
        Put32(fields, 0x00, (uint)(layout.Groups * Ext4Layout.InodesPerGroup));
        Put32(fields, 0x04, (uint)layout.Blocks);
        Put32(fields, 0x0C, (uint)FreeBlocks);
        Put32(fields, 0x10, (uint)(layout.Groups * Ext4Layout.InodesPerGroup - lastInode));
        Put32(fields, 0x18, 2); // blocks of 1024 << 2
        Put32(fields, 0x1C, 2);
        Put32(fields, 0x20, Ext4Layout.BlocksPerGroup);
        Put32(fields, 0x24, Ext4Layout.BlocksPerGroup);
        Put32(fields, 0x28, Ext4Layout.InodesPerGroup);
        Put32(fields, 0x30, now);
        Put16(fields, 0x36, 0xFFFF); // no check after so many mounts
        Put16(fields, 0x38, 0xEF53);
        Put16(fields, 0x3A, 1); // clean
        Put16(fields, 0x3C, 1); // on errors continue
        Put32(fields, 0x40, now);
        Put32(fields, 0x4C, 1); // with features
        Put32(fields, 0x54, FirstFreeInode);
        Put16(fields, 0x58, Ext4Layout.InodeBytes);
        Put32(fields, 0x60, IncompatFiletypeAndExtents);
        Put32(fields, 0x64, ReadOnlyCompat);
        _ = identity.TryWriteBytes(fields.AsSpan(0x68));
        "tidemark-demo"u8.CopyTo(fields.AsSpan(0x78));
        Put32(fields, 0x108, now);
        Put16(fields, 0x15C, ExtraInodeBytes);
        Put16(fields, 0x15E, ExtraInodeBytes);
        return fields;
    }

    private int InodesUsed(int group) => Math.Clamp(lastInode - group * Ext4Layout.InodesPerGroup, 0, Ext4Layout.InodesPerGroup);

    private static void Fill(byte[] bitmap, int from, int to)
    {
        for (var bit = from; bit < to; bit++)
        {
            bitmap[bit >> 3] |= (byte)(1 << (bit & 7));
        }
    }

    private static void Put16(Span<byte> fields, int offset, ushort value) =>
        BinaryPrimitives.WriteUInt16LittleEndian(fields[offset..], value);

    private static void Put32(Span<byte> fields, int offset, uint value) =>
        BinaryPrimitives.WriteUInt32LittleEndian(fields[offset..], value);
}
