using Tidemark.Core.Json;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Commands.Device;

/// <summary>What device_add takes: a model, its bus and id, and whatever properties the model has, which the schema does not tell.</summary>
internal sealed class DeviceOptionsCodec : SchemaCodec<JsonObject>
{
    private readonly SchemaType type = new SchemaType.Members(
        "DeviceOptions",
        [
            new("driver", SchemaCodec.String, IsOptional: false),
            new("bus", SchemaCodec.String, IsOptional: true),
            new("id", SchemaCodec.String, IsOptional: true),
        ]
    );

    /// <inheritdoc/>
    public override JsonKind WireKind => JsonKind.Object;

    /// <summary>
    /// The same with texts for scalars: the reference reads the properties as if they came from a command line, where there is nothing
    /// else, and passes over lists and objects.
    /// </summary>
    public static JsonObject AsTexts(JsonObject options)
    {
        var texts = new JsonObject();
        foreach (var name in options.Names)
        {
            JsonString? text = options[name] switch
            {
                JsonBool flag => new JsonString(flag.Value ? "on" : "off"),
                JsonNumber number => new JsonString(number.ToString()),
                var other => other as JsonString,
            };
            if (text is not null)
            {
                texts[name] = text;
            }
        }
        return texts;
    }

    /// <inheritdoc/>
    public override SchemaType Describe(SchemaDefinitions definitions) => type;

    /// <inheritdoc/>
    public override JsonObject Read(SchemaReader reader, JsonValue value) => reader.Open(value).Source;

    /// <inheritdoc/>
    public override JsonValue Write(JsonObject value) => value;
}
