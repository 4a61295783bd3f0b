using System.Globalization;
using System.Text;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Core.Schema;

/// <summary>
/// One reading of one value: how strict it is, what is registered, and where it stands, so that errors can name the place.
/// </summary>
public sealed class SchemaReader(SchemaMode mode, SchemaDefinitions? definitions = null)
{
    private readonly List<Step> path = [];

    private readonly record struct Step(string? Name, int Index);

    /// <summary>How strict it is.</summary>
    public SchemaMode Mode { get; } = mode;

    /// <summary>How the owner of the outermost object says that it knows no such member; null for the words of all.</summary>
    public Func<string, string>? UnknownMember { get; init; }

    /// <summary>How the owner of the outermost object says that it lacks this member; null for the words of all.</summary>
    public Func<string, string?>? MissingMember { get; init; }

    /// <summary>What late members look up.</summary>
    public SchemaDefinitions? Definitions { get; } = definitions;

    /// <summary>Opens <paramref name="value"/>, which must be an object, for reading member by member.</summary>
    public ObjectReader Open(JsonValue value) => new(this, value as JsonObject ?? throw WrongType("object"));

    /// <summary>Reads a list, element by element.</summary>
    internal List<T> ReadList<T>(JsonValue value, SchemaCodec<T> element)
    {
        var array = value as JsonArray ?? throw WrongType("array");
        var items = new List<T>(array.Count);
        for (var i = 0; i < array.Count; i++)
        {
            path.Add(new Step(null, i));
            items.Add(element.Read(this, array[i]));
            path.RemoveAt(path.Count - 1);
        }
        return items;
    }

    internal void Enter(string member) => path.Add(new Step(member, 0));

    internal void Leave() => path.RemoveAt(path.Count - 1);

    /// <summary>"Invalid parameter type for 'file.driver', expected: string".</summary>
    internal BlockException WrongType(string expected) =>
        Error($"Invalid parameter type for '{FullName()}', expected: {expected}");

    /// <summary>The same for an alternate, which the reference names by the last step alone.</summary>
    internal BlockException WrongAlternate(string expected) =>
        Error($"Invalid parameter type for '{LocalName()}', expected: {expected}");

    /// <summary>"Parameter 'a.b' expects …", naming the whole place.</summary>
    internal BlockException Expects(string what) => Error($"Parameter '{FullName()}' expects {what}");

    /// <summary>"Parameter 'b' expects …", naming the last step alone.</summary>
    internal BlockException LocalExpects(string what, string? hint = null) =>
        Error($"Parameter '{LocalName()}' expects {what}", hint);

    /// <summary>As <see cref="Expects"/>, or by the last step alone for block options.</summary>
    internal BlockException LocalOrFullExpects(string what) => Mode == SchemaMode.Lenient ? LocalExpects(what) : Expects(what);

    /// <summary>"Parameter 'b' does not accept value 'x'".</summary>
    internal BlockException NotAccepted(string value) => Error($"Parameter '{LocalName()}' does not accept value '{value}'");

    /// <summary>"Parameter 'a.b' is missing".</summary>
    internal BlockException Missing(string member) =>
        Error((path.Count == 0 ? MissingMember?.Invoke(member) : null) ?? $"Parameter '{FullName(member)}' is missing");

    /// <summary>"Parameter 'a.b' is unexpected".</summary>
    internal BlockException Unexpected(string member, JsonValue value)
    {
        if (UnknownMember is null || path.Count > 0)
        {
            return Error($"Parameter '{FullName(member)}' is unexpected");
        }
        // Owners know no objects, but names with dots.
        while (value is JsonObject { Count: > 0 } members)
        {
            member += $".{members.Names[0]}";
            value = members[members.Names[0]];
        }
        return Error(UnknownMember(member));
    }

    internal static BlockException Error(string text, string? hint = null) =>
        new(BlockErrorKind.InvalidOptions, text) { Hint = hint };

    /// <summary>Name of the innermost member; list elements and the whole have none, which the reference prints as null.</summary>
    internal string LocalName() => path.Count > 0 && path[^1].Name is { } name ? name : "null";

    private string FullName(string? member = null)
    {
        var text = new StringBuilder();
        foreach (var step in path)
        {
            Append(text, step);
        }
        if (member is not null)
        {
            Append(text, new Step(member, 0));
        }
        return text.Length == 0 ? "<anonymous>" : text.ToString();
    }

    private void Append(StringBuilder text, Step step)
    {
        if (step.Name is null && Mode == SchemaMode.Strict)
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"[{step.Index}]");
            return;
        }
        if (text.Length > 0)
        {
            _ = text.Append('.');
        }
        _ = step.Name is null ? text.Append(step.Index) : text.Append(step.Name);
    }
}
