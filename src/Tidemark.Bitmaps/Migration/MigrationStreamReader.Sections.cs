using System.Globalization;
using System.Text;
using Tidemark.Core.Errors;

namespace Tidemark.Bitmaps.Migration;

/// <summary>Sections other than that of bitmaps, and commands between them.</summary>
public sealed partial class MigrationStreamReader
{
    private const ulong MemorySize = 0x04;
    private const ulong MemoryEnd = 0x10;
    private const ulong MemoryFlush = 0x200;
    private const ulong MemoryFlags = 0xfff;
    private const int ClockBytes = 24;
    private const int RunStateBytes = 100;
    private const int SectionsAtMost = 2;

    private bool ReadTopLevel(scoped ref StreamCursor cursor, scoped ref StreamItem item)
    {
        var mark = cursor.U8();
        if (cursor.IsShort)
        {
            return false;
        }
        switch (mark)
        {
            case StreamMark.SectionStart or StreamMark.SectionFull:
                return BeginSection(ref cursor, ref item);
            case StreamMark.SectionPart or StreamMark.SectionEnd:
                ContinueSection(ref cursor);
                return false;
            case StreamMark.Command:
                return ReadCommand(ref cursor, ref item);
            case StreamMark.EndOfState:
                item.Kind = StreamItemKind.End;
                place = Place.Ended;
                return true;
            default:
                throw Bad($"Unknown savevm section type {mark}");
        }
    }

    private bool BeginSection(scoped ref StreamCursor cursor, scoped ref StreamItem item)
    {
        var id = cursor.U32();
        var name = cursor.Name();
        var instance = cursor.U32();
        var version = cursor.U32();
        if (cursor.IsShort)
        {
            return false;
        }
        var newest = name switch
        {
            Memory => 4u,
            "timer" => 2u,
            Dirty or "globalstate" => 1u,
            _ => 0u,
        };
        if (newest == 0 || instance != 0)
        {
            throw Bad(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Unknown savevm section or instance '{name}' {instance}. Make sure that your current VM setup matches your saved VM setup, including any hotplugged devices"
                )
            );
        }
        if (version > newest)
        {
            throw Bad($"savevm: unsupported version {version} for '{name}' v{newest}");
        }
        switch (name)
        {
            case "timer":
                // The time that a guest saw: nobody looks at it.
                _ = cursor.Take(ClockBytes);
                break;
            case "globalstate":
                ReadRunState(ref cursor, ref item);
                break;
            default:
                Register(id, name);
                break;
        }
        if (cursor.IsShort)
        {
            return false;
        }
        Enter(id, name);
        return item.Kind == StreamItemKind.RunState;
    }

    private void Register(uint id, string name)
    {
        if (!sections.TryAdd(id, name) || sections.Count > SectionsAtMost)
        {
            throw Bad($"Section {id} of the migration stream begins twice");
        }
    }

    private static void ReadRunState(scoped ref StreamCursor cursor, scoped ref StreamItem item)
    {
        var length = cursor.U32();
        var text = cursor.Take(RunStateBytes);
        if (cursor.IsShort)
        {
            return;
        }
        if (length > RunStateBytes)
        {
            throw Bad("Invalid machine state in the migration stream");
        }
        var end = text.IndexOf((byte)0);
        item.Kind = StreamItemKind.RunState;
        item.Text = Encoding.ASCII.GetString(end < 0 ? text : text[..end]);
    }

    private void ContinueSection(scoped ref StreamCursor cursor)
    {
        var id = cursor.U32();
        if (cursor.IsShort)
        {
            return;
        }
        if (!sections.TryGetValue(id, out var name))
        {
            throw Bad($"Unknown savevm section {id}");
        }
        Enter(id, name);
    }

    private void Enter(uint id, string name)
    {
        (current, Section) = (id, name);
        place = name switch
        {
            Memory => Place.Memory,
            Dirty => Place.Bitmaps,
            _ => Place.Footer,
        };
    }

    // There is no memory to receive: only its size, zero, and the marker at the end of each part.
    private bool ReadMemory(scoped ref StreamCursor cursor)
    {
        var word = cursor.U64();
        if (cursor.IsShort)
        {
            return false;
        }
        switch (word & MemoryFlags)
        {
            case MemorySize when (word & ~MemoryFlags) == 0:
            case MemoryFlush:
                break;
            case MemoryEnd:
                place = Place.Footer;
                break;
            default:
                throw Bad(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"The migration stream brings a guest's memory (0x{word:x}), and this machine has none"
                    )
                );
        }
        return false;
    }

    private bool ReadCommand(scoped ref StreamCursor cursor, scoped ref StreamItem item)
    {
        var command = (StreamCommand)cursor.U16();
        var data = cursor.Take(cursor.U16());
        if (cursor.IsShort)
        {
            return false;
        }
        var wanted = command switch
        {
            StreamCommand.OpenReturnPath or StreamCommand.PostcopyListen or StreamCommand.PostcopyRun => 0,
            StreamCommand.Ping or StreamCommand.Packaged => 4,
            StreamCommand.PostcopyAdvise or StreamCommand.PostcopyRamDiscard => data.Length,
            _ => throw Bad($"MIG_CMD 0x{(int)command:x} unknown (len 0x{data.Length:x})"),
        };
        if (data.Length != wanted)
        {
            throw Bad($"Command 0x{(int)command:x} in the migration stream has {data.Length} bytes where {wanted} belong");
        }
        if (command == StreamCommand.Packaged)
        {
            // What is in the package has the same form as what is not.
            return false;
        }
        item.Kind = StreamItemKind.Command;
        item.Command = command;
        item.Data = data;
        return true;
    }
}
