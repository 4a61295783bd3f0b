using System.Buffers.Binary;
using System.Text;
using Tidemark.Core.Units;

namespace Tidemark.Drivers.Qcow2.Snapshots;

/// <summary>An internal snapshot as the snapshot table has it. (qcow2 specification, "Snapshots".)</summary>
internal sealed record Qcow2Snapshot
{
    /// <summary>Bytes of an entry before its extra data.</summary>
    public const int FixedBytes = 40;

    /// <summary>Extra data that a complete entry of version 3 has: size of the VM state, size of the disk.</summary>
    public const int CompleteExtraBytes = 16;

    /// <summary>Extra data that this code understands, and writes: those two and the instruction count.</summary>
    public const int KnownExtraBytes = 24;

    /// <summary>Offset of its L1 table, bytes.</summary>
    public long L1Offset { get; init; }

    /// <summary>Entries of that table.</summary>
    public uint L1Entries { get; init; }

    /// <summary>Its identifier, by custom a decimal number, as stored.</summary>
    public ReadOnlyMemory<byte> IdBytes { get; init; }

    /// <summary>Its name as stored.</summary>
    public ReadOnlyMemory<byte> NameBytes { get; init; }

    /// <summary>When it was taken, seconds since 1970.</summary>
    public uint DateSeconds { get; init; }

    /// <summary>Nanoseconds of that second.</summary>
    public uint DateNanoseconds { get; init; }

    /// <summary>How long the guest had run, nanoseconds.</summary>
    public ulong VmClockNanoseconds { get; init; }

    /// <summary>Size of the guest's state that is stored behind the disk, bytes.</summary>
    public ulong VmStateBytes { get; init; }

    /// <summary>Size of the disk then, bytes; null where the entry does not say: then it never changed.</summary>
    public long? DiskBytes { get; init; }

    /// <summary>Instructions that the guest had run; null where the entry does not say, or says that they were not counted.</summary>
    public ulong? InstructionCount { get; init; }

    /// <summary>Extra data behind what is understood, kept as it is.</summary>
    public ReadOnlyMemory<byte> UnknownExtra { get; init; }

    /// <summary>Bytes of extra data that the entry had on disk.</summary>
    public uint StoredExtraBytes { get; init; }

    /// <summary>Its identifier.</summary>
    public string Id => Encoding.UTF8.GetString(IdBytes.Span);

    /// <summary>Its name.</summary>
    public string Name => Encoding.UTF8.GetString(NameBytes.Span);

    /// <summary>Bytes of the entry as <see cref="Write"/> writes it, up to where the next begins.</summary>
    public int Length =>
        (int)Alignment.Up(FixedBytes + KnownExtraBytes + UnknownExtra.Length + IdBytes.Length + NameBytes.Length, 8);

    /// <summary>How many bytes of extra data and of names follow the fixed part of an entry.</summary>
    public static (uint Extra, int Id, int Name) Lengths(ReadOnlySpan<byte> head) =>
        (
            BinaryPrimitives.ReadUInt32BigEndian(head[36..]),
            BinaryPrimitives.ReadUInt16BigEndian(head[12..]),
            BinaryPrimitives.ReadUInt16BigEndian(head[14..])
        );

    /// <summary>
    /// Reads an entry: its fixed part, as much of its extra data as is to be kept, and id and name behind each other.
    /// </summary>
    public static Qcow2Snapshot Read(ReadOnlySpan<byte> head, ReadOnlySpan<byte> extra, ReadOnlySpan<byte> names)
    {
        var (extraBytes, id, _) = Lengths(head);
        var state = extra.Length >= 8 ? BinaryPrimitives.ReadUInt64BigEndian(extra) : 0;
        var count = extra.Length >= 24 ? BinaryPrimitives.ReadUInt64BigEndian(extra[16..]) : ulong.MaxValue;
        return new()
        {
            L1Offset = BinaryPrimitives.ReadInt64BigEndian(head),
            L1Entries = BinaryPrimitives.ReadUInt32BigEndian(head[8..]),
            DateSeconds = BinaryPrimitives.ReadUInt32BigEndian(head[16..]),
            DateNanoseconds = BinaryPrimitives.ReadUInt32BigEndian(head[20..]),
            VmClockNanoseconds = BinaryPrimitives.ReadUInt64BigEndian(head[24..]),
            VmStateBytes = extra.Length >= 8 ? state : BinaryPrimitives.ReadUInt32BigEndian(head[32..]),
            DiskBytes = extra.Length >= 16 ? BinaryPrimitives.ReadInt64BigEndian(extra[8..]) : null,
            InstructionCount = count == ulong.MaxValue ? null : count,
            UnknownExtra = extra.Length > KnownExtraBytes ? extra[KnownExtraBytes..].ToArray() : default,
            StoredExtraBytes = extraBytes,
            IdBytes = names[..id].ToArray(),
            NameBytes = names[id..].ToArray(),
        };
    }

    /// <summary>Writes the entry, <see cref="Length"/> bytes.</summary>
    /// <param name="target">Zeroes.</param>
    /// <param name="diskBytes">The disk's size now, for an entry that does not say.</param>
    public void Write(Span<byte> target, long diskBytes)
    {
        BinaryPrimitives.WriteInt64BigEndian(target, L1Offset);
        BinaryPrimitives.WriteUInt32BigEndian(target[8..], L1Entries);
        BinaryPrimitives.WriteUInt16BigEndian(target[12..], (ushort)IdBytes.Length);
        BinaryPrimitives.WriteUInt16BigEndian(target[14..], (ushort)NameBytes.Length);
        BinaryPrimitives.WriteUInt32BigEndian(target[16..], DateSeconds);
        BinaryPrimitives.WriteUInt32BigEndian(target[20..], DateNanoseconds);
        BinaryPrimitives.WriteUInt64BigEndian(target[24..], VmClockNanoseconds);
        // The short field is for programs that know nothing else; a size that it can't hold is not there for them.
        BinaryPrimitives.WriteUInt32BigEndian(target[32..], VmStateBytes <= uint.MaxValue ? (uint)VmStateBytes : 0);
        BinaryPrimitives.WriteUInt32BigEndian(target[36..], (uint)(KnownExtraBytes + UnknownExtra.Length));
        BinaryPrimitives.WriteUInt64BigEndian(target[40..], VmStateBytes);
        BinaryPrimitives.WriteInt64BigEndian(target[48..], DiskBytes ?? diskBytes);
        BinaryPrimitives.WriteUInt64BigEndian(target[56..], InstructionCount ?? ulong.MaxValue);
        var at = FixedBytes + KnownExtraBytes;
        UnknownExtra.Span.CopyTo(target[at..]);
        at += UnknownExtra.Length;
        IdBytes.Span.CopyTo(target[at..]);
        NameBytes.Span.CopyTo(target[(at + IdBytes.Length)..]);
    }
}
