using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Tidemark.Bitmaps.Migration;

/// <summary>
/// Writes a migration stream of a machine without a guest, part by part: header, configuration, the sections of memory (there is
/// none) and of dirty bitmaps, the state of clock and machine, and at the end a description for people. Numbers are big-endian.
/// </summary>
/// <remarks>Pure: bytes go to <paramref name="output"/>, and whoever owns that sends them.</remarks>
public sealed class MigrationStreamWriter(IBufferWriter<byte> output)
{
    private const uint RamId = 2;
    private const uint BitmapsId = 3;
    private const uint TimerId = 0;
    private const uint StateId = 4;
    private const ulong RamMemorySize = 0x04;
    private const ulong RamEnd = 0x10;
    private const int RunStateBytes = 100;

    // What the stream above holds, in the words of the reference's own description; readers of streams (analyze-migration) look there.
    private static ReadOnlySpan<byte> DescriptionText =>
        """{"page_size": 4096, "devices": [{"name": "timer", "instance_id": 0, "vmsd_name": "timer", "version": 2, "fields": [{"name": "cpu_ticks_offset", "type": "int64", "size": 8}, {"name": "unused", "type": "unused_buffer", "size": 8}, {"name": "cpu_clock_offset", "type": "int64", "size": 8}]}, {"name": "globalstate", "instance_id": 0, "vmsd_name": "globalstate", "version": 1, "fields": [{"name": "size", "type": "uint32", "size": 4}, {"name": "runstate", "type": "buffer", "size": 100}]}]}"""u8;

    /// <summary>The first bytes, and the sender's machine type (at most <see cref="MigrationLimits.MachineBytes"/> bytes).</summary>
    public void Header(string machine, IReadOnlyCollection<string> capabilities, ReadOnlySpan<byte> uuid)
    {
        U32(StreamMark.Magic);
        U32(StreamMark.Version);
        U8(StreamMark.Configuration);
        U32((uint)Encoding.UTF8.GetByteCount(machine));
        Raw(Encoding.UTF8.GetBytes(machine));
        if (capabilities.Count > 0)
        {
            Subsection("configuration/capabilities"u8);
            U32((uint)capabilities.Count);
            foreach (var capability in capabilities)
            {
                Name(capability);
            }
        }
        if (!uuid.IsEmpty)
        {
            Subsection("configuration/uuid"u8);
            Raw(uuid);
        }
    }

    /// <summary>A command between sections; the payload is at most <see cref="MigrationLimits.CommandBytes"/> bytes.</summary>
    public void Command(StreamCommand command, ReadOnlySpan<byte> payload = default)
    {
        U8(StreamMark.Command);
        U16((ushort)command);
        U16((ushort)payload.Length);
        Raw(payload);
    }

    /// <summary>
    /// Parts in one piece, behind its length: the destination has read them all before it obeys the first of them. What follows
    /// <see cref="StreamCommand.PostcopyListen"/> must come so, since from then on the reference reads the rest of the stream elsewhere.
    /// </summary>
    public void Package(Action<MigrationStreamWriter> parts)
    {
        var package = new ArrayBufferWriter<byte>();
        parts(new MigrationStreamWriter(package));
        Span<byte> length = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(length, (uint)package.WrittenCount);
        Command(StreamCommand.Packaged, length);
        Raw(package.WrittenSpan);
    }

    /// <summary>The section of memory begins: none.</summary>
    public void MemoryStart()
    {
        Begin(StreamMark.SectionStart, RamId, "ram"u8, version: 4);
        U64(RamMemorySize);
        U64(RamEnd);
        Footer(RamId);
    }

    /// <summary>The section of memory goes on or ends.</summary>
    public void Memory(bool last)
    {
        U8(last ? StreamMark.SectionEnd : StreamMark.SectionPart);
        U32(RamId);
        U64(RamEnd);
        Footer(RamId);
    }

    /// <summary>The section of bitmaps begins; records follow, then <see cref="EndBitmaps"/>.</summary>
    public BitmapRecordWriter StartBitmaps()
    {
        Begin(StreamMark.SectionStart, BitmapsId, "dirty-bitmap"u8, version: 1);
        return new BitmapRecordWriter(this);
    }

    /// <summary>The section of bitmaps goes on or, at its last part, ends; records follow, then <see cref="EndBitmaps"/>.</summary>
    public void ContinueBitmaps(bool last)
    {
        U8(last ? StreamMark.SectionEnd : StreamMark.SectionPart);
        U32(BitmapsId);
    }

    /// <summary>No further record of bitmaps in this part.</summary>
    public void EndBitmaps()
    {
        U8((byte)BitmapRecordFlags.EndOfSection);
        Footer(BitmapsId);
    }

    /// <summary>The clock, which no guest has looked at, and the machine's run state.</summary>
    public void State(string runState)
    {
        Begin(StreamMark.SectionFull, TimerId, "timer"u8, version: 2);
        for (var i = 0; i < 3; i++)
        {
            U64(0);
        }
        Footer(TimerId);
        Begin(StreamMark.SectionFull, StateId, "globalstate"u8, version: 1);
        Span<byte> text = stackalloc byte[RunStateBytes];
        text.Clear();
        // The length counts the zero at the end.
        U32((uint)Encoding.ASCII.GetBytes(runState, text) + 1);
        Raw(text);
        Footer(StateId);
    }

    /// <summary>All sections have been sent.</summary>
    public void End() => U8(StreamMark.EndOfState);

    /// <summary>The description of the sections, which comes last when no postcopy phase was.</summary>
    public void Description()
    {
        U8(StreamMark.Description);
        U32((uint)DescriptionText.Length);
        Raw(DescriptionText);
    }

    internal void U8(byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }

    internal void U16(ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(output.GetSpan(sizeof(ushort)), value);
        output.Advance(sizeof(ushort));
    }

    internal void U32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(output.GetSpan(sizeof(uint)), value);
        output.Advance(sizeof(uint));
    }

    internal void U64(ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(output.GetSpan(sizeof(ulong)), value);
        output.Advance(sizeof(ulong));
    }

    /// <summary>A string behind a byte of its length.</summary>
    internal void Name(string name)
    {
        var target = output.GetSpan(1 + MigrationLimits.NameBytes);
        var length = Encoding.UTF8.GetBytes(name, target[1..]);
        target[0] = checked((byte)length);
        output.Advance(1 + length);
    }

    /// <summary>Room for <paramref name="length"/> bytes, which count as written.</summary>
    internal Span<byte> Reserve(int length)
    {
        var room = output.GetSpan(length)[..length];
        output.Advance(length);
        return room;
    }

    private void Raw(ReadOnlySpan<byte> bytes) => output.Write(bytes);

    private void Begin(byte mark, uint id, ReadOnlySpan<byte> name, uint version)
    {
        U8(mark);
        U32(id);
        U8((byte)name.Length);
        Raw(name);
        U32(0);
        U32(version);
    }

    private void Subsection(ReadOnlySpan<byte> name)
    {
        U8(StreamMark.Subsection);
        U8((byte)name.Length);
        Raw(name);
        U32(1);
    }

    private void Footer(uint id)
    {
        U8(StreamMark.Footer);
        U32(id);
    }
}
