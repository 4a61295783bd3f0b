using System.Globalization;
using System.Text;
using Tidemark.Core.Errors;

namespace Tidemark.Bitmaps.Migration;

/// <summary>
/// Reads the migration stream of a machine without a guest, as the reference sends it with <c>-machine none</c>, in whatever
/// pieces it arrives. Pure: the caller keeps the bytes that were not consumed and hands them in again with more behind them.
/// </summary>
/// <remarks>
/// <code>
///   header ─▶ configuration ─▶ top level ◀──────────────┐
///                                │  start, part, end     │ footer
///                                ├─▶ in memory  ─────────┤      (there is none: only markers)
///                                ├─▶ in bitmaps ─────────┤      (records, each an item)
///                                ├─▶ clock, state ───────┘
///                                ├─▶ command
///                                └─▶ end of state
/// </code>
/// Whatever is read is checked, and every buffer is bounded by <see cref="MigrationLimits"/>: a hostile stream gets a
/// <see cref="BlockException"/> in the reference's words where it has any.
/// </remarks>
public sealed partial class MigrationStreamReader
{
    private const string Memory = "ram";
    private const string Dirty = "dirty-bitmap";

    // Sections that may go on after they began; a sender has one of each.
    private readonly Dictionary<uint, string> sections = [];
    private Place place = Place.Header;
    private uint current;
    private long skip;
    private int capabilities;

    private enum Place
    {
        Header,
        Configuration,
        Capabilities,
        TopLevel,
        Memory,
        Bitmaps,
        Footer,
        Ended,
    }

    /// <summary>The section under way, for messages; null between sections.</summary>
    public string? Section { get; private set; }

    /// <summary>Whether <see cref="StreamItemKind.End"/> has come.</summary>
    public bool HasEnded => place == Place.Ended;

    /// <summary>
    /// Finds the next item in <paramref name="input"/>. <paramref name="consumed"/> bytes of it are done with, whatever the result;
    /// false: more bytes are needed. <see cref="MigrationLimits.BufferBytes"/> of input are always enough for progress. Throws
    /// <see cref="BlockException"/> for what is no such stream.
    /// </summary>
    public bool TryRead(ReadOnlySpan<byte> input, out int consumed, out StreamItem item)
    {
        consumed = 0;
        item = default;
        while (true)
        {
            if (skip > 0)
            {
                var passed = (int)Math.Min(skip, input.Length - consumed);
                consumed += passed;
                skip -= passed;
                if (skip > 0)
                {
                    return false;
                }
            }
            var cursor = new StreamCursor(input[consumed..]);
            var before = place;
            var next = default(StreamItem);
            var found = Step(ref cursor, ref next);
            if (cursor.IsShort)
            {
                place = before;
                return false;
            }
            consumed += cursor.Position;
            if (found)
            {
                item = next;
                return true;
            }
        }
    }

    // Reads one thing. What it notes beside the place it notes only after the last read of that thing, which may fall short.
    private bool Step(scoped ref StreamCursor cursor, scoped ref StreamItem item) =>
        place switch
        {
            Place.Header => ReadHeader(ref cursor, ref item),
            Place.Configuration => ReadConfiguration(ref cursor, ref item),
            Place.Capabilities => ReadCapability(ref cursor, ref item),
            Place.TopLevel => ReadTopLevel(ref cursor, ref item),
            Place.Memory => ReadMemory(ref cursor),
            Place.Bitmaps => ReadRecord(ref cursor, ref item),
            Place.Footer => ReadFooter(ref cursor),
            _ => ReadTrailer(ref cursor),
        };

    private bool ReadHeader(scoped ref StreamCursor cursor, scoped ref StreamItem item)
    {
        var magic = cursor.U32();
        var version = cursor.U32();
        var mark = cursor.U8();
        if (cursor.IsShort)
        {
            return false;
        }
        if (magic != StreamMark.Magic)
        {
            throw Bad("Not a migration stream");
        }
        if (version != StreamMark.Version)
        {
            throw version == 2
                ? new BlockException(BlockErrorKind.NotSupported, "SaveVM v2 format is obsolete and don't work anymore")
                : new BlockException(BlockErrorKind.NotSupported, "Unsupported migration stream version");
        }
        if (mark != StreamMark.Configuration)
        {
            throw Bad("Configuration section missing");
        }
        var length = cursor.U32();
        if (length > MigrationLimits.MachineBytes && !cursor.IsShort)
        {
            throw Bad("The machine type in the migration stream is too long");
        }
        item.Kind = StreamItemKind.Machine;
        item.Text = Encoding.UTF8.GetString(cursor.Take((int)Math.Min(length, int.MaxValue)));
        place = Place.Configuration;
        return true;
    }

    // What the sender wants to be sure of; then the first section.
    private bool ReadConfiguration(scoped ref StreamCursor cursor, scoped ref StreamItem item)
    {
        var ahead = cursor;
        if (ahead.U8() != StreamMark.Subsection || ahead.IsShort)
        {
            // The byte belongs to what follows, once it is there.
            _ = ahead.IsShort ? cursor.U8() : (byte)0;
            place = Place.TopLevel;
            return false;
        }
        _ = cursor.U8();
        var name = cursor.Name();
        var version = cursor.U32();
        if (cursor.IsShort)
        {
            return false;
        }
        switch (name)
        {
            case "configuration/capabilities" when version == 1:
                var count = cursor.U32();
                if (count > MigrationLimits.Capabilities)
                {
                    throw Bad("The migration stream lists too many capabilities");
                }
                capabilities = (int)count;
                place = count > 0 ? Place.Capabilities : Place.Configuration;
                return false;
            case "configuration/uuid" when version == 1:
                item.Kind = StreamItemKind.Uuid;
                item.Data = cursor.Take(16);
                return true;
            case "configuration/target-page-bits" when version == 1:
                _ = cursor.U32();
                return false;
            default:
                throw Bad($"Unknown subsection '{name}' (version {version}) in the migration stream's configuration");
        }
    }

    private bool ReadCapability(scoped ref StreamCursor cursor, scoped ref StreamItem item)
    {
        item.Kind = StreamItemKind.Capability;
        item.Text = cursor.Name();
        if (!cursor.IsShort && --capabilities == 0)
        {
            place = Place.Configuration;
        }
        return true;
    }

    private bool ReadFooter(scoped ref StreamCursor cursor)
    {
        var mark = cursor.U8();
        var id = cursor.U32();
        if (cursor.IsShort)
        {
            return false;
        }
        if (mark != StreamMark.Footer)
        {
            throw Bad($"Missing section footer for {Section}");
        }
        if (id != current)
        {
            throw Bad(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Mismatched section id in footer for {Section} - read 0x{id:x} expected 0x{current:x}"
                )
            );
        }
        Section = null;
        place = Place.TopLevel;
        return false;
    }

    // Only the description may come behind the end; nobody needs it here.
    private bool ReadTrailer(scoped ref StreamCursor cursor)
    {
        var mark = cursor.U8();
        var length = cursor.U32();
        if (cursor.IsShort)
        {
            return false;
        }
        skip = mark == StreamMark.Description ? length : throw Bad($"Unknown savevm section type {mark}");
        return false;
    }

    private static BlockException Bad(string message) =>
        new(BlockErrorKind.Corrupt, message) { Status = IoStatus.InvalidArgument };
}
