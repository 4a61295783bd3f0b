using Tidemark.Core.Errors;

namespace Tidemark.Io.Linux;

internal sealed unsafe partial class KernelFile
{
    public override IoStatus SetSharedLock(long offset, bool held)
    {
        var wish = LockOn(offset, held ? Libc.F_RDLCK : Libc.F_UNLCK);
        return Fcntl(Libc.F_OFD_SETLK, &wish);
    }

    public override IoStatus TestExclusiveLock(long offset)
    {
        var wish = LockOn(offset, Libc.F_WRLCK);
        var status = Fcntl(Libc.F_OFD_GETLK, &wish);
        return status != IoStatus.Ok || wish.Type == Libc.F_UNLCK ? status : IoStatus.Again;
    }

    // Whoever passed the descriptor still has the same open file description, and our locks with it.
    private void ReleaseLocks()
    {
        var everything = new Libc.FileLock { Type = Libc.F_UNLCK };
        _ = Fcntl(Libc.F_OFD_SETLK, &everything);
    }

    private static Libc.FileLock LockOn(long offset, short type) =>
        new()
        {
            Type = type,
            Start = offset,
            Length = 1,
        };

    private IoStatus Fcntl(int command, Libc.FileLock* argument)
    {
        while (Libc.Fcntl(Descriptor, command, (nint)argument) < 0)
        {
            switch ((int)Libc.LastError)
            {
                case Libc.EINTR:
                    continue;
                case Libc.EAGAIN or Libc.EACCES:
                    return IoStatus.Again;
                case Libc.EINVAL or Libc.ENOSYS:
                    return IoStatus.NotSupported;
                default:
                    return Libc.LastError;
            }
        }
        return IoStatus.Ok;
    }
}
