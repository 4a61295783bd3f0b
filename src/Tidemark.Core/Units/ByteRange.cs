using Tidemark.Core.Errors;

namespace Tidemark.Core.Units;

/// <summary>Bytes <c>[Offset, End)</c> of one node. Never empty, never wraps; <c>default</c> is not a range.</summary>
public readonly record struct ByteRange
{
    /// <summary>First byte.</summary>
    public readonly long Offset;

    /// <summary>Number of bytes, at least 1.</summary>
    public readonly long Length;

    /// <summary>The <paramref name="length"/> bytes (at least 1) from <paramref name="offset"/> on.</summary>
    public ByteRange(long offset, long length)
    {
        Invariant.That(offset >= 0 && length > 0 && length <= long.MaxValue - offset, "range is non-empty and does not wrap");
        (Offset, Length) = (offset, length);
    }

    /// <summary>First byte behind the range.</summary>
    public long End => Offset + Length;

    /// <summary>The bytes from <paramref name="start"/> up to, not including, <paramref name="end"/>.</summary>
    public static ByteRange Between(long start, long end) => new(start, end - start);

    /// <summary>Whether the two share a byte.</summary>
    public bool Overlaps(ByteRange other) => Offset < other.End && other.Offset < End;

    /// <summary>Whether every byte of <paramref name="other"/> is in this range.</summary>
    public bool Contains(ByteRange other) => Offset <= other.Offset && other.End <= End;

    /// <summary>Widened at both ends to multiples of <paramref name="alignment"/> bytes, a power of two.</summary>
    public ByteRange Expand(long alignment) => Between(Alignment.Down(Offset, alignment), Alignment.Up(End, alignment));

    /// <inheritdoc/>
    public override string ToString() => $"[{Offset}, +{Length})";
}
