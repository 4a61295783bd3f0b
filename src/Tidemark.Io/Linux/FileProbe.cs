using Tidemark.Core.Memory;
using Tidemark.Io.Contract;

namespace Tidemark.Io.Linux;

/// <summary>Finds out, once per open, what a descriptor supports.</summary>
internal static unsafe class FileProbe
{
    private static readonly int[] Candidates = [1, 512, 4096];

    public static FileTraits Examine(int descriptor, FileFacts facts, FileOpenOptions options)
    {
        var kind = KindOf(facts);
        // A device node lies on devtmpfs, which says nothing about the device: only a regular file's file system counts.
        var magic = kind == FileKind.Regular ? Libc.FileSystemMagic(descriptor) : 0;
        var memory = magic is Libc.TMPFS_MAGIC or Libc.RAMFS_MAGIC;
        var (request, buffer) = options.Direct ? DirectAlignment(descriptor, facts, kind) : (1, 1);
        var buffered = !options.Direct && !memory;
        return new FileTraits(
            kind,
            memory,
            IsDirect: options.Direct && !memory,
            ReadsInLine: memory || (buffered && SupportsNoWait(descriptor, kind)),
            WritesInLine: memory || (buffered && !options.DataSync && (kind == FileKind.BlockDevice || IsLocal(magic))),
            request,
            buffer
        );
    }

    public static FileKind KindOf(FileFacts facts) =>
        facts.IsRegular ? FileKind.Regular
        : facts.IsBlockDevice ? FileKind.BlockDevice
        : facts.IsCharacterDevice ? FileKind.CharacterDevice
        : facts.IsDirectory ? FileKind.Directory
        : FileKind.Other;

    public static long LengthOf(int descriptor, FileKind kind)
    {
        if (kind == FileKind.BlockDevice)
        {
            var bytes = 0L;
            return Libc.Ioctl(descriptor, Libc.BLKGETSIZE64, &bytes) == 0
                ? bytes
                : Math.Max(0, Libc.LSeek(descriptor, 0, Libc.SEEK_END));
        }
        return Libc.Facts(descriptor)?.Length ?? 0;
    }

    private static bool IsLocal(long magic) =>
        magic is Libc.EXT_MAGIC or Libc.XFS_MAGIC or Libc.BTRFS_MAGIC or Libc.F2FS_MAGIC or Libc.OVERLAY_MAGIC;

    private static bool SupportsNoWait(int descriptor, FileKind kind)
    {
        if (kind is not (FileKind.Regular or FileKind.BlockDevice))
        {
            return false;
        }
        byte probe;
        var vector = new Libc.IoVector { Base = &probe, Length = 1 };
        return Libc.PReadV2(descriptor, &vector, 1, 0, Libc.RWF_NOWAIT) >= 0 || (int)Libc.LastError == Libc.EAGAIN;
    }

    private static (int Request, int Memory) DirectAlignment(int descriptor, FileFacts facts, FileKind kind)
    {
        if (facts.DirectOffsetAlignment > 0 && facts.DirectMemoryAlignment > 0)
        {
            return (facts.DirectOffsetAlignment, facts.DirectMemoryAlignment);
        }
        if (kind == FileKind.BlockDevice)
        {
            var sector = 0;
            if (Libc.Ioctl(descriptor, Libc.BLKSSZGET, &sector) == 0 && sector > 0)
            {
                return (sector, sector);
            }
        }
        return (Probe(descriptor, byLength: true), Probe(descriptor, byLength: false));
    }

    /// <summary>The smallest candidate with which a read is not refused as misaligned; a page when all are.</summary>
    private static int Probe(int descriptor, bool byLength)
    {
        using var buffer = AlignedBuffer.Allocate(2 * AlignedBuffer.PageSize);
        foreach (var candidate in Candidates)
        {
            var shift = byLength || candidate == AlignedBuffer.PageSize ? 0 : candidate;
            var length = byLength ? candidate : AlignedBuffer.PageSize;
            if (Libc.PRead(descriptor, buffer.Pointer + shift, length, 0) >= 0 || (int)Libc.LastError != Libc.EINVAL)
            {
                return candidate;
            }
        }
        return AlignedBuffer.PageSize;
    }
}
