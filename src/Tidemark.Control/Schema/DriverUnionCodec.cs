using Tidemark.Core.Json;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Schema;

/// <summary>
/// An object whose member "driver" says which driver's options it has. It is checked against the schemas of the drivers that the
/// process has, children included, and handed on as it is: the graph reads it.
/// </summary>
internal abstract class DriverUnionCodec(string typeName) : SchemaCodec<JsonObject>
{
    private SchemaType.Members? type;
    private TagCodec? tags;

    /// <inheritdoc/>
    public override JsonKind WireKind => JsonKind.Object;

    /// <summary>The drivers' names, and their schemas where they have one.</summary>
    protected abstract IEnumerable<(string Driver, IMemberCodec? Options)> Branches { get; }

    /// <summary>What all branches have beside the driver.</summary>
    protected abstract IMemberCodec? Common { get; }

    /// <inheritdoc/>
    public override JsonObject Read(SchemaReader reader, JsonValue value)
    {
        var open = reader.Open(value);
        var driver = open.Required("driver", Tags);
        var options = Branches.First(branch => branch.Driver == driver).Options;
        var result = reader.Mode == SchemaMode.Keyval ? open.Source.DeepClone() : null;
        foreach (var codec in (IMemberCodec?[])[Common, options])
        {
            if (result is null)
            {
                codec?.CheckMembers(open);
            }
            else if (codec is not null)
            {
                Retype(result, codec.Rewrite(open));
            }
        }
        if (options is null)
        {
            foreach (var name in open.Source.Names)
            {
                open.Skip(name);
            }
        }
        open.Close();
        return result ?? open.Source;
    }

    /// <summary>
    /// Gives <paramref name="target"/>'s members, which are strings as command lines have them, the types that the schema read them
    /// as; what was left out stays out.
    /// </summary>
    private static void Retype(JsonObject target, JsonObject typed)
    {
        foreach (var name in target.Names.ToArray())
        {
            if (typed.TryGetValue(name, out var value))
            {
                target[name] = Retyped(target[name], value);
            }
        }
    }

    private static JsonValue Retyped(JsonValue given, JsonValue typed)
    {
        switch (given, typed)
        {
            case (JsonObject members, JsonObject typedMembers):
                Retype(members, typedMembers);
                return members;
            case (JsonArray items, JsonArray typedItems) when items.Count == typedItems.Count:
                return new JsonArray(items.Zip(typedItems, Retyped));
            default:
                return typed;
        }
    }

    /// <inheritdoc/>
    public override JsonValue Write(JsonObject value) => value;

    /// <inheritdoc/>
    public override SchemaType Describe(SchemaDefinitions definitions) =>
        type ??= new SchemaType.Members(
            typeName,
            [new SchemaMember("driver", Tags, IsOptional: false), .. Common?.Members ?? []],
            "driver",
            [
                .. Branches.Select(branch => new SchemaVariant(
                    branch.Driver,
                    new SchemaType.Members(branch.Driver, branch.Options?.Members ?? [])
                )),
            ]
        );

    private TagCodec Tags => tags ??= new TagCodec("BlockdevDriver", [.. Branches.Select(branch => branch.Driver)]);
}
