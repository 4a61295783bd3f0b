using System.Buffers;
using Tidemark.Nbd.Wire;

namespace Tidemark.Nbd.Handshake;

/// <summary>
/// Data of NBD_OPT_LIST_META_CONTEXT and NBD_OPT_SET_META_CONTEXT: an export's name and queries. The queries are read one
/// after the other with <see cref="TakeQuery"/>, from where they lie.
/// </summary>
internal ref struct ContextRequest
{
    private WireReader queries;

    /// <summary>The export's name as it came.</summary>
    public ReadOnlySpan<byte> Name { get; private init; }

    /// <summary>How many queries are still to be read.</summary>
    public uint Left { get; private set; }

    /// <summary>Parses the data up to the queries and checks that these are whole; otherwise false, with the reason in <paramref name="error"/>.</summary>
    public static bool TryParse(ReadOnlySpan<byte> data, OptionType option, out ContextRequest request, out string error)
    {
        request = default;
        var reader = new WireReader(data);
        if (!ExportNameField.TryTake(ref reader, option, out var name, out error))
        {
            return false;
        }
        var count = reader.Take32();
        var atQueries = new WireReader(reader.Rest);
        for (var left = count; left > 0 && !reader.Failed; left--)
        {
            _ = reader.Take(reader.Take32());
        }
        if (reader.Failed)
        {
            error = ExportNameField.Inconsistent(option);
            return false;
        }
        request = new ContextRequest
        {
            Name = name,
            Left = count,
            queries = atQueries,
        };
        return true;
    }

    /// <summary>The next query.</summary>
    public ReadOnlySpan<byte> TakeQuery()
    {
        Left--;
        return queries.Take(queries.Take32());
    }

    /// <summary>Writes the data that a client sends.</summary>
    public static void Write(ArrayBufferWriter<byte> output, string name, IReadOnlyCollection<string> queries)
    {
        output.PutCounted(name);
        output.Put32((uint)queries.Count);
        foreach (var query in queries)
        {
            output.PutCounted(query);
        }
    }
}
