using Tidemark.Core.Schema;
using Tidemark.Core.Units;

namespace Tidemark.Control.Machine;

/// <summary>A request to a device.</summary>
/// <param name="Tag">What its sender calls it, or null.</param>
/// <param name="Operation">What is asked for.</param>
/// <param name="Offset">Where it begins, bytes.</param>
/// <param name="Length">Bytes that it concerns; 0 for a flush only.</param>
/// <param name="Pattern">The byte that is written.</param>
internal sealed record GuestRequest(string? Tag, GuestOperation Operation, long Offset, int Length, byte Pattern)
{
    /// <summary>Whether the policy for writes is the one that counts when it fails.</summary>
    public bool IsWrite => Operation != GuestOperation.Read;

    /// <summary>What it concerns; not of a flush.</summary>
    public ByteRange Range => new(Offset, Length);

    /// <summary>What is written: the pattern, over and over.</summary>
    public byte[] Content()
    {
        var content = new byte[Length];
        content.AsSpan().Fill(Pattern);
        return content;
    }
}

/// <summary>What a guest may ask of a device.</summary>
[Schema]
internal enum GuestOperation
{
    /// <summary>To read.</summary>
    Read,

    /// <summary>To write.</summary>
    Write,

    /// <summary>To write zeroes.</summary>
    WriteZeroes,

    /// <summary>To let go of content.</summary>
    Discard,

    /// <summary>To make writes durable.</summary>
    Flush,
}
