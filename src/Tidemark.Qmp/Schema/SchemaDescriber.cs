using System.Globalization;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Qmp.Schema;

/// <summary>
/// Turns the codecs' descriptions into the list that query-qmp-schema returns: commands and events first, then the types they use,
/// numbered in the order in which they are met; arrays and built-in types under their own names.
/// </summary>
internal sealed class SchemaDescriber(SchemaDefinitions definitions)
{
    private readonly Dictionary<SchemaType, string> names = [];
    private readonly HashSet<string> listed = new(StringComparer.Ordinal);
    private readonly Queue<SchemaType> waiting = new();
    private readonly List<JsonValue> result = [];
    private int nextNumber;

    public IReadOnlyList<JsonValue> Describe(QmpCommandTable table)
    {
        // The reference's type without members is number 0.
        _ = NameOf(NoArguments.Codec);
        foreach (var command in table.Commands)
        {
            var entry = new JsonObject
            {
                ["name"] = command.Name,
                ["ret-type"] = NameOf(command.ResultCodec),
                ["meta-type"] = "command",
                ["arg-type"] = NameOf(command.ArgumentsCodec),
            };
            if (command.AllowsOutOfBand)
            {
                entry["allow-oob"] = true;
            }
            if (command.Features.Count > 0)
            {
                entry["features"] = new JsonArray(command.Features.Select(feature => (JsonValue)feature));
            }
            result.Add(entry);
        }
        foreach (var definition in table.Events)
        {
            result.Add(
                new JsonObject
                {
                    ["name"] = definition.Name,
                    ["meta-type"] = "event",
                    ["arg-type"] = NameOf(definition.Data),
                }
            );
        }
        while (waiting.TryDequeue(out var type))
        {
            result.Add(Describe(type));
        }
        return result;
    }

    private string NameOf(SchemaCodec codec) => NameOf(codec.Describe(definitions));

    private string NameOf(SchemaType type)
    {
        if (type is SchemaType.List list)
        {
            var name = $"[{NameOf(list.Element)}]";
            if (listed.Add(name))
            {
                waiting.Enqueue(type);
            }
            return name;
        }
        if (names.TryGetValue(type, out var known))
        {
            return known;
        }
        var given = type is SchemaType.Builtin builtin ? builtin.Name : (nextNumber++).ToString(CultureInfo.InvariantCulture);
        names.Add(type, given);
        waiting.Enqueue(type);
        return given;
    }

    private JsonObject Describe(SchemaType type)
    {
        var entry = new JsonObject { ["name"] = NameOf(type) };
        switch (type)
        {
            case SchemaType.Builtin builtin:
                entry["json-type"] = builtin.JsonType;
                entry["meta-type"] = "builtin";
                break;
            case SchemaType.List list:
                entry["element-type"] = NameOf(list.Element);
                entry["meta-type"] = "array";
                break;
            case SchemaType.Enumeration words:
                entry["members"] = new JsonArray(words.Values.Select(word => (JsonValue)new JsonObject { ["name"] = word }));
                entry["meta-type"] = "enum";
                entry["values"] = new JsonArray(words.Values.Select(word => (JsonValue)word));
                break;
            case SchemaType.Alternative alternative:
                entry["members"] = new JsonArray(
                    alternative.Choices.Select(choice => (JsonValue)new JsonObject { ["type"] = NameOf(choice) })
                );
                entry["meta-type"] = "alternate";
                break;
            case SchemaType.Members members:
                DescribeMembers(entry, members);
                break;
        }
        return entry;
    }

    private void DescribeMembers(JsonObject entry, SchemaType.Members members)
    {
        if (members.Tag is not null && members.Variants is not null)
        {
            entry["tag"] = members.Tag;
            entry["variants"] = new JsonArray(
                members.Variants.Select(variant =>
                    (JsonValue)
                        new JsonObject
                        {
                            ["case"] = variant.Tag,
                            ["type"] = variant.Type.Common.Count == 0 ? NameOf(NoArguments.Codec) : NameOf(variant.Type),
                        }
                )
            );
        }
        var list = new JsonArray();
        foreach (var member in members.Common)
        {
            var described = new JsonObject { ["name"] = member.Name };
            if (member.IsOptional)
            {
                described["default"] = JsonNull.Instance;
            }
            described["type"] = NameOf(member.Codec);
            list.Add(described);
        }
        entry["members"] = list;
        entry["meta-type"] = "object";
    }
}
