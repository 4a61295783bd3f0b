using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Drivers;

/// <summary>Takes a driver's options one by one; what is left at the end is unexpected. Values are typed, or strings from command lines.</summary>
internal sealed class OptionReader(JsonObject options)
{
    private readonly HashSet<string> taken = new(StringComparer.Ordinal);

    public string? Text(string key) =>
        Take(key) switch
        {
            null => null,
            JsonString text => text.Value,
            _ => throw Invalid($"Invalid parameter type for '{key}', expected: string"),
        };

    public string RequiredText(string key) => Text(key) ?? throw Invalid($"Parameter '{key}' is missing");

    public long? Number(string key) =>
        Take(key) switch
        {
            null => null,
            JsonNumber number when number.TryGetInt64(out var value) => value,
            JsonString text when long.TryParse(text.Value, out var parsed) => parsed,
            _ => throw Invalid($"Invalid parameter type for '{key}', expected: integer"),
        };

    public bool? Flag(string key) =>
        Take(key) switch
        {
            null => null,
            JsonBool flag => flag.Value,
            JsonString { Value: "on" or "yes" or "true" or "y" } => true,
            JsonString { Value: "off" or "no" or "false" or "n" } => false,
            _ => throw Invalid($"Invalid parameter type for '{key}', expected: boolean"),
        };

    public void Child(string key) => _ = Take(key);

    public void End()
    {
        foreach (var (key, _) in options)
        {
            if (!taken.Contains(key))
            {
                throw Invalid($"Parameter '{key}' is unexpected");
            }
        }
    }

    private JsonValue? Take(string key)
    {
        _ = taken.Add(key);
        return options.TryGetValue(key, out var value) ? value : null;
    }

    private static BlockException Invalid(string message) => new(BlockErrorKind.InvalidOptions, message);
}
