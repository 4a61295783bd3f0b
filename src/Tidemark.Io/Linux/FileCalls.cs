using Tidemark.Core.Errors;

namespace Tidemark.Io.Linux;

/// <summary>
/// The verbs of a file as plain blocking calls: in line where they can't block, on a worker otherwise. Each repeats what
/// was interrupted or cut short until all is done.
/// </summary>
internal static unsafe class FileCalls
{
    /// <summary>Reads all; behind the end of the file come zeroes.</summary>
    public static IoStatus Read(KernelFile file, long offset, byte* target, long length)
    {
        long done = 0;
        while (done < length)
        {
            var count = Libc.PRead(file.Descriptor, target + done, (nint)(length - done), offset + done);
            if (count > 0)
            {
                done += count;
            }
            else if (count == 0)
            {
                new Span<byte>(target + done, (int)(length - done)).Clear();
                return IoStatus.Ok;
            }
            else if (Libc.LastError is var error && (int)error != Libc.EINTR)
            {
                // A direct read that ended at an odd end of file can't go on from there: it is over.
                return (int)error == Libc.EINVAL && done > 0 && file.EndsBy(offset + done)
                    ? ClearRest(target, done, length)
                    : error;
            }
        }
        return IoStatus.Ok;
    }

    /// <summary>Reads what the page cache holds. The bytes read, which may be 0; negative errno if even that failed.</summary>
    public static long ReadCached(KernelFile file, long offset, byte* target, long length)
    {
        long done = 0;
        while (done < length)
        {
            var vector = new Libc.IoVector { Base = target + done, Length = (nuint)(length - done) };
            var count = Libc.PReadV2(file.Descriptor, &vector, 1, offset + done, Libc.RWF_NOWAIT);
            if (count > 0)
            {
                done += count;
                continue;
            }
            if (count == 0)
            {
                new Span<byte>(target + done, (int)(length - done)).Clear();
                return length;
            }
            var error = (int)Libc.LastError;
            if (error == Libc.EINTR)
            {
                continue;
            }
            return error is Libc.EAGAIN or Libc.EOPNOTSUPP ? done : -error;
        }
        return done;
    }

    public static IoStatus Write(KernelFile file, long offset, byte* data, long length)
    {
        long done = 0;
        while (done < length)
        {
            var count = Libc.PWrite(file.Descriptor, data + done, (nint)(length - done), offset + done);
            if (count > 0)
            {
                done += count;
            }
            else if (count == 0)
            {
                return IoStatus.NoSpace;
            }
            else if (Libc.LastError is var error && (int)error != Libc.EINTR)
            {
                return error;
            }
        }
        return IoStatus.Ok;
    }

    public static IoStatus Flush(KernelFile file)
    {
        while (Libc.FDataSync(file.Descriptor) < 0)
        {
            var error = Libc.LastError;
            if ((int)error == Libc.EINVAL && !file.IsRegular)
            {
                // A character device or pipe has nothing to flush.
                return IoStatus.Ok;
            }
            if ((int)error != Libc.EINTR)
            {
                return error;
            }
        }
        return IoStatus.Ok;
    }

    public static IoStatus PunchHole(KernelFile file, long offset, long length) =>
        FAllocate(file, Libc.FALLOC_FL_PUNCH_HOLE | Libc.FALLOC_FL_KEEP_SIZE, offset, length);

    public static IoStatus Allocate(KernelFile file, long offset, long length) => FAllocate(file, 0, offset, length);

    public static IoStatus WriteZeroes(KernelFile file, long offset, long length, bool mayUnmap)
    {
        if (mayUnmap)
        {
            var punched = PunchHole(file, offset, length);
            if (punched != IoStatus.NotSupported)
            {
                return punched == IoStatus.Ok ? Grow(file, offset + length) : punched;
            }
        }
        var zeroed = FAllocate(file, Libc.FALLOC_FL_ZERO_RANGE, offset, length);
        if (zeroed != IoStatus.NotSupported)
        {
            return zeroed;
        }
        if (file.IsBlockDevice)
        {
            return DeviceRange(file, Libc.BLKZEROOUT, offset, length);
        }
        // tmpfs has no zero-range; a hole that is then allocated is the same thing.
        var status = PunchHole(file, offset, length);
        return status == IoStatus.Ok ? Allocate(file, offset, length) : status;
    }

    public static IoStatus Discard(KernelFile file, long offset, long length) =>
        file.IsBlockDevice ? DeviceRange(file, Libc.BLKDISCARD, offset, length) : PunchHole(file, offset, length);

    public static IoStatus Truncate(KernelFile file, long length)
    {
        if (!file.IsRegular)
        {
            // A device keeps its size: what is not larger than it is granted.
            return length <= file.GetLength() ? IoStatus.Ok : IoStatus.InvalidArgument;
        }
        while (Libc.FTruncate(file.Descriptor, length) < 0)
        {
            if ((int)Libc.LastError != Libc.EINTR)
            {
                return Libc.LastError;
            }
        }
        return IoStatus.Ok;
    }

    public static IoStatus Copy(KernelFile source, long sourceOffset, KernelFile target, long offset, long length)
    {
        while (length > 0)
        {
            var count = Libc.CopyFileRange(source.Descriptor, &sourceOffset, target.Descriptor, &offset, (nint)length, 0);
            if (count > 0)
            {
                length -= count;
                continue;
            }
            if (count == 0)
            {
                // Behind the source's end are zeroes.
                return WriteZeroes(target, offset, length, mayUnmap: true);
            }
            switch ((int)Libc.LastError)
            {
                case Libc.EINTR:
                    continue;
                case Libc.EINVAL or Libc.EXDEV or Libc.ENOSYS or Libc.EOPNOTSUPP or Libc.EBADF or Libc.ETXTBSY:
                    return IoStatus.NotSupported;
                default:
                    return Libc.LastError;
            }
        }
        return IoStatus.Ok;
    }

    private static IoStatus FAllocate(KernelFile file, int mode, long offset, long length)
    {
        while (Libc.FAllocate(file.Descriptor, mode, offset, length) < 0)
        {
            var error = Libc.LastError;
            switch ((int)error)
            {
                case Libc.EINTR:
                    continue;
                case Libc.ENOSYS or Libc.ENODEV or Libc.ENOTTY or Libc.ESPIPE:
                    return IoStatus.NotSupported;
                case Libc.EINVAL when file.IsBlockDevice:
                    // Not aligned to its sectors.
                    return IoStatus.NotSupported;
                default:
                    return error;
            }
        }
        return IoStatus.Ok;
    }

    private static IoStatus DeviceRange(KernelFile file, nuint request, long offset, long length)
    {
        var range = stackalloc ulong[2] { (ulong)offset, (ulong)length };
        while (Libc.Ioctl(file.Descriptor, request, range) < 0)
        {
            var error = Libc.LastError;
            if ((int)error != Libc.EINTR)
            {
                return (int)error is Libc.ENOTTY or Libc.EINVAL ? IoStatus.NotSupported : error;
            }
        }
        return IoStatus.Ok;
    }

    private static IoStatus Grow(KernelFile file, long end) =>
        file.IsRegular && end > file.GetLength() ? Truncate(file, end) : IoStatus.Ok;

    private static IoStatus ClearRest(byte* target, long done, long length)
    {
        new Span<byte>(target + done, (int)(length - done)).Clear();
        return IoStatus.Ok;
    }
}
