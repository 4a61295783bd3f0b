using Tidemark.Core.Errors;
using Tidemark.Io.Contract;
using Tidemark.Io.Descriptors;

namespace Tidemark.Io.Linux;

public abstract partial class KernelEngine
{
    private const int CreationMode = 0x1A4; // 0644

    /// <inheritdoc/>
    public override ValueTask<StorageFile> OpenFileAsync(string path, FileOpenOptions options)
    {
        try
        {
            return new(Open(path, options));
        }
        catch (BlockException e)
        {
            return ValueTask.FromException<StorageFile>(e);
        }
    }

    /// <inheritdoc/>
    public override ValueTask DeleteFileAsync(string path) =>
        Libc.Unlink(path) == 0
            ? ValueTask.CompletedTask
            : ValueTask.FromException(new BlockException(Libc.LastError, $"Could not delete '{path}'") { Path = path });

    private KernelFile Open(string path, FileOpenOptions options)
    {
        var flags = Libc.O_CLOEXEC | (options.Writable ? Libc.O_RDWR : Libc.O_RDONLY);
        flags |= options.Direct ? Libc.O_DIRECT : 0;
        flags |= options.Create ? Libc.O_CREAT : 0;
        flags |= options.Truncate ? Libc.O_TRUNC : 0;
        flags |= options.DataSync ? Libc.O_DSYNC : 0;
        var (descriptor, origin) = DescriptorSets.IsPath(path)
            ? DescriptorSets.Open(Descriptors?.Sets, path, flags)
            : (Open(path, flags), null);
        var facts = Libc.Facts(descriptor);
        if (facts is null)
        {
            var status = Libc.LastError;
            _ = origin?.Return();
            _ = Libc.Close(descriptor);
            throw new BlockException(status, $"Could not stat '{path}'") { Path = path };
        }
        var file = new KernelFile(this, path, descriptor, FileProbe.Examine(descriptor, facts.Value, options), origin);
        Track(file);
        return file;
    }

    private static int Open(string path, int flags)
    {
        if (Libc.Facts(path) is { IsPipe: true })
        {
            // Opening a pipe would wait for its other end.
            flags |= Libc.O_NONBLOCK;
        }
        int descriptor;
        do
        {
            descriptor = Libc.Open(path, flags, CreationMode);
        } while (descriptor < 0 && (int)Libc.LastError == Libc.EINTR);
        return descriptor >= 0
            ? descriptor
            : throw new BlockException(Libc.LastError, $"Could not {((flags & Libc.O_CREAT) != 0 ? "create" : "open")} '{path}'")
            {
                Path = path,
            };
    }
}
