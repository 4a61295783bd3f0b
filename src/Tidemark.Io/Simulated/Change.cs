namespace Tidemark.Io.Simulated;

/// <summary>One change of a simulated file: bytes, zeroes, space or size. Can be applied whole, or torn between sectors.</summary>
internal sealed record Change(ChangeKind Kind, long Offset, long Length, byte[]? Data)
{
    /// <summary>The medium writes so many bytes whole or not at all.</summary>
    public const int SectorBytes = 512;

    // A qcow2 header with its extensions is longer than such a sector, and where its parts lie is the format's business (the reference
    // lays them out alike): one that is torn leaves no image. It must lie in one sector of its disk, as it does on disks of today.
    private const int HeadBytes = 4096;

    public void ApplyTo(SparseContent content)
    {
        switch (Kind)
        {
            case ChangeKind.Write:
                content.Write(Offset, Data);
                break;
            case ChangeKind.Hole:
                content.Zero(Offset, Math.Min(Length, Math.Max(0, content.Length - Offset)), keep: false);
                break;
            case ChangeKind.HoleAndGrow:
                content.Length = Math.Max(content.Length, Offset + Length);
                content.Zero(Offset, Length, keep: false);
                break;
            case ChangeKind.Zeroes:
                content.Length = Math.Max(content.Length, Offset + Length);
                content.Zero(Offset, Length, keep: true);
                break;
            case ChangeKind.Space:
                content.Allocate(Offset, Length);
                break;
            default:
                content.Truncate(Length);
                break;
        }
    }

    /// <summary>Pages that applying it would add.</summary>
    public long PagesNeededIn(SparseContent content) =>
        Kind is ChangeKind.Write or ChangeKind.Zeroes or ChangeKind.Space && Length > 0
            ? content.CountMissing(Offset, Length)
            : 0;

    /// <summary>Some of its sectors, each whole: each with a chance of one half, or a beginning of it.</summary>
    public IEnumerable<Change> Tear(Random chance)
    {
        if (Kind != ChangeKind.Write)
        {
            if (chance.Next(2) == 0)
            {
                yield return this;
            }
            yield break;
        }
        var prefix = chance.Next(2) == 0 ? Offset + chance.NextInt64(Length + 1) : -1;
        for (var start = Offset; start < Offset + Length; )
        {
            var sectorEnd = start < HeadBytes ? HeadBytes : (start / SectorBytes * SectorBytes) + SectorBytes;
            var end = Math.Min(Offset + Length, sectorEnd);
            if (prefix >= 0 ? end <= prefix : chance.Next(2) == 0)
            {
                yield return Part(start, end);
            }
            start = end;
        }
    }

    private Change Part(long start, long end) =>
        new(ChangeKind.Write, start, end - start, Data![(int)(start - Offset)..(int)(end - Offset)]);
}
