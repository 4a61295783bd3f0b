namespace Tidemark.Control.Objects.Qom;

/// <summary>A kind of object.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Ancestors">What it is besides: the kinds and interfaces that it implements.</param>
/// <param name="IsAbstract">Whether there are no objects of just this kind.</param>
/// <param name="Properties">Its properties beside "type".</param>
internal sealed record QomType(
    string Name,
    IReadOnlyList<string> Ancestors,
    bool IsAbstract,
    IReadOnlyList<QomProperty> Properties
)
{
    /// <summary>The kind that it is derived from, or null.</summary>
    public string? Parent { get; init; } = Ancestors.Count > 0 ? Ancestors[0] : null;

    /// <summary>Whether its objects can stand for objects of the kind <paramref name="name"/>.</summary>
    public bool Implements(string name) => Name == name || Ancestors.Contains(name, StringComparer.Ordinal);
}
