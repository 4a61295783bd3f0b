using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Cli.Io.Commands;

/// <summary>A write of a pattern, of a file's content over and over, or of zeroes.</summary>
internal sealed class WriteRequest(IoSession session, string name, long offset, long length, IoWords words)
{
    private const byte DefaultPattern = 0xcd;

    /// <summary>The byte to write; null is the usual one.</summary>
    public byte? Pattern { get; init; }

    /// <summary>What to write again and again; empty to write the byte.</summary>
    public ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>Whether to write zeroes without a buffer.</summary>
    public bool IsZero { get; init; }

    /// <summary>How.</summary>
    public RequestFlags Flags { get; init; }

    /// <summary>Writes; returns whether it succeeded.</summary>
    public async ValueTask<bool> RunAsync()
    {
        using var buffer = session.Rent(IsZero ? 0 : (int)length);
        Fill(buffer.Memory.Span);
        var time = session.Graph.Loop.Time;
        var start = time.GetTimestamp();
        var status = IoStatus.Ok;
        if (length > 0)
        {
            var range = new ByteRange(offset, length);
            var flags = session.IsWriteThrough ? Flags | RequestFlags.Fua : Flags;
            status = IsZero
                ? await session.OpenImage.WriteZeroesAsync(range, flags)
                : await session.OpenImage.WriteAsync(range, buffer.Memory, flags);
        }
        var taken = time.GetElapsedTime(start);
        if (status != IoStatus.Ok)
        {
            session.Out.WriteLine($"{name} failed: {status.Describe()}");
            return false;
        }
        if (!words.Has("q"))
        {
            IoReport.Print(session.Out, "wrote", offset, length, taken, words.Has("C"));
        }
        return true;
    }

    private void Fill(Span<byte> target)
    {
        if (Content.IsEmpty)
        {
            target.Fill(Pattern ?? DefaultPattern);
            return;
        }
        for (var at = 0; at < target.Length; at += Content.Length)
        {
            Content.Span[..Math.Min(Content.Length, target.Length - at)].CopyTo(target[at..]);
        }
    }
}
