using Microsoft.Win32.SafeHandles;
using Tidemark.Core.Errors;
using Tidemark.Drivers.Qcow2.Check;

namespace Tidemark.Drivers.Tests.Qcow2.Check;

/// <summary>A file on the host as a check's storage; can fail the Nth write, or stop taking writes after it as a crash would.</summary>
internal sealed class FileCheckStorage(string path) : ICheckStorage, IDisposable
{
    private readonly SafeFileHandle file = System.IO.File.OpenHandle(
        path,
        FileMode.Open,
        FileAccess.ReadWrite,
        FileShare.ReadWrite
    );

    /// <summary>Writes so far.</summary>
    public int Writes { get; private set; }

    /// <summary>Number of the write that fails, from 1; 0 for none.</summary>
    public int FailWrite { get; init; }

    /// <summary>Whether all after the failing one fail, too.</summary>
    public bool StaysBroken { get; init; }

    public long Length => RandomAccess.GetLength(file);

    public ValueTask<IoStatus> ReadAsync(long offset, Memory<byte> target)
    {
        var done = 0;
        while (done < target.Length && offset + done < Length)
        {
            done += RandomAccess.Read(file, target.Span[done..], offset + done);
        }
        target.Span[done..].Clear();
        return new(IoStatus.Ok);
    }

    public ValueTask<IoStatus> WriteAsync(long offset, ReadOnlyMemory<byte> data)
    {
        Writes++;
        if (FailWrite > 0 && (StaysBroken ? Writes >= FailWrite : Writes == FailWrite))
        {
            return new(IoStatus.IoError);
        }
        RandomAccess.Write(file, data.Span, offset);
        return new(IoStatus.Ok);
    }

    public ValueTask<IoStatus> FlushAsync() => new(IoStatus.Ok);

    public ValueTask<IoStatus> GrowAsync(long length)
    {
        RandomAccess.SetLength(file, length);
        return new(IoStatus.Ok);
    }

    public ValueTask DiscardAsync(long offset, long length) => default;

    public void Dispose() => file.Dispose();
}
