using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Cli.Io.Commands;

/// <summary>A read, with what is to be checked and printed of it.</summary>
internal sealed class ReadRequest(IoSession session, string name, long offset, int length, IoWords words)
{
    /// <summary>What each byte must be, or null.</summary>
    public byte? Pattern { get; init; }

    /// <summary>Where the checked part begins within what was read.</summary>
    public int CheckedFrom { get; init; }

    /// <summary>How long the checked part is.</summary>
    public int CheckedLength { get; init; }

    /// <summary>Reads; returns whether it succeeded and the pattern was there.</summary>
    public async ValueTask<bool> RunAsync()
    {
        using var buffer = session.Rent(length);
        var time = session.Graph.Loop.Time;
        var start = time.GetTimestamp();
        var status = length == 0 ? IoStatus.Ok : await session.OpenImage.ReadAsync(new ByteRange(offset, length), buffer.Memory);
        var taken = time.GetElapsedTime(start);
        if (status != IoStatus.Ok)
        {
            session.Out.WriteLine($"{name} failed: {status.Describe()}");
            return false;
        }
        var isRight = Pattern is not { } pattern || !Checked(buffer).ContainsAnyExcept(pattern);
        if (!isRight)
        {
            session.Out.WriteLine($"Pattern verification failed at offset {offset + CheckedFrom}, {CheckedLength} bytes");
        }
        if (!words.Has("q"))
        {
            if (words.Has("v"))
            {
                IoText.Dump(session.Out, buffer.Memory.Span, offset);
            }
            IoReport.Print(session.Out, "read", offset, length, taken, words.Has("C"));
        }
        return isRight;
    }

    private ReadOnlySpan<byte> Checked(IoBuffer buffer) => buffer.Memory.Span.Slice(CheckedFrom, CheckedLength);
}
