using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Io.Contract;

namespace Tidemark.Control.Migration;

/// <summary>A file as one end of a migration: written from a place on, or read from there to its end.</summary>
internal sealed class FileChannel : ByteChannel
{
    private readonly StorageFile file;
    private long position;
    private bool isAborted;

    private FileChannel(StorageFile file, long position) => (this.file, this.position) = (file, position);

    /// <inheritdoc/>
    public override string Peer => $"file:{file.Path}";

    /// <summary>For a migration to it: made if it is not there; what it holds before <paramref name="offset"/> stays. Throws <see cref="BlockException"/>.</summary>
    public static async ValueTask<ByteChannel> CreateAsync(IoEngine engine, string path, long offset)
    {
        var created = await engine.OpenFileAsync(path, new FileOpenOptions(Writable: true, Create: true));
        try
        {
            // What an earlier migration left behind must not look like the end of this one.
            await TruncateAsync(created, offset);
            return new FileChannel(created, offset);
        }
        catch
        {
            await created.DisposeAsync();
            throw;
        }
    }

    /// <summary>For a migration from it. Throws <see cref="BlockException"/>.</summary>
    public static async ValueTask<ByteChannel> OpenAsync(IoEngine engine, string path, long offset) =>
        new FileChannel(await engine.OpenFileAsync(path, new FileOpenOptions(Writable: false)), offset);

    /// <inheritdoc/>
    public override async ValueTask<ChannelRead> ReceiveAsync(Memory<byte> target)
    {
        var count = (int)Math.Min(target.Length, Math.Max(file.GetLength() - position, 0));
        if (isAborted || count == 0)
        {
            return new ChannelRead(isAborted ? IoStatus.ConnectionReset : IoStatus.Ok, 0);
        }
        var status = await file.ReadAsync(position, target[..count]);
        position += count;
        return new ChannelRead(status, status == IoStatus.Ok ? count : 0);
    }

    /// <inheritdoc/>
    public override async ValueTask<IoStatus> SendAsync(ReadOnlyMemory<byte> data)
    {
        if (isAborted)
        {
            return IoStatus.ConnectionReset;
        }
        var status = await file.WriteAsync(position, data);
        position += data.Length;
        return status;
    }

    /// <inheritdoc/>
    public override void Abort() => isAborted = true;

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => file.DisposeAsync();

    private static async ValueTask TruncateAsync(StorageFile file, long length)
    {
        if (file.Kind == FileKind.Regular && await file.TruncateAsync(length) is var status and not IoStatus.Ok)
        {
            throw new BlockException(status, $"Failed to truncate '{file.Path}'");
        }
    }
}
