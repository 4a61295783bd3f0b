using System.Buffers.Binary;
using System.Text;

namespace Tidemark.Cli.Demo.FileSystem;

/// <summary>A directory while it is filled: its entries, laid out in blocks that no entry crosses.</summary>
internal sealed class Ext4Directory(int inode, int parentInode)
{
    private const int HeaderBytes = 8;
    private readonly List<(int Inode, byte[] Name, byte Type)> entries = [];

    public const byte RegularFile = 1;
    public const byte Folder = 2;

    public int Inode { get; } = inode;

    /// <summary>Directories directly below: each links back here by "..".</summary>
    public int Subdirectories { get; private set; }

    public void Add(int inode, string name, byte type)
    {
        entries.Add((inode, Encoding.UTF8.GetBytes(name), type));
        Subdirectories += type == Folder ? 1 : 0;
    }

    /// <summary>The blocks of the directory; <paramref name="minimumBlocks"/> reserves empty ones (lost+found).</summary>
    public byte[] ToBlocks(int minimumBlocks)
    {
        var blocks = new List<byte[]>();
        var block = NewBlock();
        var (used, last) = (0, 0);
        foreach (
            var (inode, name, type) in entries
                .Prepend((parentInode, ".."u8.ToArray(), Folder))
                .Prepend((Inode, "."u8.ToArray(), Folder))
        )
        {
            var length = (HeaderBytes + name.Length + 3) & ~3;
            if (used + length > Ext4Layout.BlockBytes)
            {
                Stretch(block, last, used);
                blocks.Add(block);
                (block, used) = (NewBlock(), 0);
            }

            last = used;
            WriteEntry(block.AsSpan(used), inode, length, name, type);
            used += length;
        }

        Stretch(block, last, used);
        blocks.Add(block);
        while (blocks.Count < minimumBlocks)
        {
            blocks.Add(NewBlock());
        }

        return [.. blocks.SelectMany(part => part)];
    }

    // An unused entry covers the whole block.
    private static byte[] NewBlock()
    {
        var block = new byte[Ext4Layout.BlockBytes];
        BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(4), Ext4Layout.BlockBytes);
        return block;
    }

    // The last entry of a block reaches to its end.
    private static void Stretch(byte[] block, int last, int used)
    {
        var length = BinaryPrimitives.ReadUInt16LittleEndian(block.AsSpan(last + 4));
        BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(last + 4), (ushort)(length + Ext4Layout.BlockBytes - used));
    }

    private static void WriteEntry(Span<byte> target, int inode, int length, byte[] name, byte type)
    {
        BinaryPrimitives.WriteInt32LittleEndian(target, inode);
        BinaryPrimitives.WriteUInt16LittleEndian(target[4..], (ushort)length);
        target[6] = (byte)name.Length;
        target[7] = type;
        name.CopyTo(target[HeaderBytes..]);
    }
}
