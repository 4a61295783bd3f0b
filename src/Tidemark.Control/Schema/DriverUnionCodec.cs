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
        Common?.CheckMembers(open);
        var options = Branches.First(branch => branch.Driver == driver).Options;
        if (options is null)
        {
            foreach (var name in open.Source.Names)
            {
                open.Skip(name);
            }
        }
        else
        {
            options.CheckMembers(open);
        }
        open.Close();
        return open.Source;
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
