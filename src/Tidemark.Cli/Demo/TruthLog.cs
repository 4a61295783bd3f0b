using System.Buffers.Binary;

namespace Tidemark.Cli.Demo;

/// <summary>
/// What the disk really held, kept without the daemon's help: the content at the start (a raw file) and every write since, in
/// order. A mark is a point in time; <see cref="AdvanceTo"/> turns the raw file into the disk at that point.
/// <code>
///   truth.raw  +  write, write, write | write, write | write ...
///                                     ^ mark 1       ^ mark 2
/// </code>
/// </summary>
internal sealed class TruthLog : IDisposable
{
    private const int HeaderBytes = 16; // offset, length; a length below zero stands for so many zeroes

    private readonly FileStream log;
    private readonly byte[] header = new byte[HeaderBytes];
    private byte[] buffer = new byte[64 * 1024];
    private long applied;

    /// <summary>A log beside the raw file at <paramref name="imagePath"/>, which holds the disk as it is now.</summary>
    public TruthLog(string imagePath, string logPath)
    {
        ImagePath = imagePath;
        log = new FileStream(logPath, FileMode.Create, FileAccess.ReadWrite, FileShare.Read, bufferSize: 1 << 20);
    }

    /// <summary>The raw file: the disk at the point of the last <see cref="AdvanceTo"/>.</summary>
    public string ImagePath { get; }

    /// <summary>Writes kept.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes written to the disk.</summary>
    public long Bytes { get; private set; }

    /// <summary>A point in time: after all writes so far.</summary>
    public long Mark() => log.Position;

    /// <summary>Keeps a write of data.</summary>
    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        Begin(offset, data.Length, data.Length);
        log.Write(data);
    }

    /// <summary>Keeps a write of zeroes.</summary>
    public void Zero(long offset, int length) => Begin(offset, -length, length);

    /// <summary>Brings the raw file forward to <paramref name="mark"/>; marks only grow. Nothing may be kept afterwards.</summary>
    public void AdvanceTo(long mark)
    {
        log.Flush();
        using var image = File.OpenHandle(ImagePath, FileMode.Open, FileAccess.Write);
        log.Position = applied;
        while (applied < mark)
        {
            log.ReadExactly(header);
            var offset = BinaryPrimitives.ReadInt64LittleEndian(header);
            var length = (int)BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(8));
            var data = buffer.AsSpan(0, Math.Abs(length));
            if (length > 0)
            {
                log.ReadExactly(data);
            }
            else
            {
                data.Clear();
            }

            RandomAccess.Write(image, data, offset);
            applied += HeaderBytes + Math.Max(length, 0);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => log.Dispose();

    private void Begin(long offset, int kept, int length)
    {
        BinaryPrimitives.WriteInt64LittleEndian(header, offset);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(8), kept);
        log.Write(header);
        Count++;
        Bytes += length;
        if (buffer.Length < length)
        {
            buffer = new byte[length];
        }
    }
}
