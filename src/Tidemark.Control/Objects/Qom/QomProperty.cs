using Tidemark.Core.Json;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Objects.Qom;

/// <summary>A property of a kind of object, as the object model shows it.</summary>
/// <param name="Name">Name on the wire.</param>
/// <param name="Type">Name of its type.</param>
/// <param name="Get">Its value in an object.</param>
/// <param name="Set">The object with another value, or why not; null if it can't be written.</param>
internal sealed record QomProperty(
    string Name,
    string Type,
    Func<ObjectOptions, JsonValue> Get,
    Func<ObjectOptions, JsonValue, ObjectOptions>? Set = null
)
{
    /// <summary>A number of an object of kind <typeparamref name="T"/>.</summary>
    public static QomProperty Int<T>(string name, Func<T, long> get, Func<T, long, T>? set = null)
        where T : ObjectOptions => Of(name, "int", SchemaCodec.Int64, value => new JsonNumber(value), get, set);

    /// <summary>A text of an object of kind <typeparamref name="T"/>.</summary>
    public static QomProperty Text<T>(string name, Func<T, string> get, Func<T, string, T>? set = null)
        where T : ObjectOptions => Of(name, "string", SchemaCodec.String, value => new JsonString(value), get, set);

    /// <summary>A value of any type with a schema.</summary>
    public static QomProperty Of<T, TValue>(
        string name,
        string type,
        SchemaCodec<TValue> codec,
        Func<TValue, JsonValue> write,
        Func<T, TValue> get,
        Func<T, TValue, T>? set
    )
        where T : ObjectOptions =>
        new(
            name,
            type,
            options => write(get((T)options)),
            set is null ? null : (options, value) => set((T)options, Read(name, codec, value))
        );

    // In an object of its own, so that errors name the property.
    private static TValue Read<TValue>(string name, SchemaCodec<TValue> codec, JsonValue value) =>
        new SchemaReader(SchemaMode.Strict).Open(new JsonObject { { name, value } }).Required(name, codec);
}
