using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Control.Objects.Qom;

/// <summary>An object that its user made.</summary>
internal sealed class QomUserObject(ObjectRegistry registry, string id) : QomPlace($"/objects/{id}")
{
    private ObjectOptions Options => registry.Find(id) ?? throw Invariant.Unreachable("a place is looked at while it is there");

    /// <inheritdoc/>
    public override string TypeName => QomTypes.Of(Options).Name;

    /// <inheritdoc/>
    public override IEnumerable<(string Name, QomPlace Place)> Children => [];

    /// <inheritdoc/>
    public override IEnumerable<(string Name, string Type)> Own =>
        QomTypes.Of(Options).Properties.Select(static property => (property.Name, property.Type));

    /// <inheritdoc/>
    protected override JsonValue? GetOwn(string name) => Find(name)?.Get(Options);

    /// <inheritdoc/>
    protected override bool TrySetOwn(string name, JsonValue value)
    {
        if (Find(name)?.Set is not { } set)
        {
            return false;
        }
        registry.Change(set(Options, value));
        return true;
    }

    private QomProperty? Find(string name) => QomTypes.Of(Options).Properties.FirstOrDefault(property => property.Name == name);
}
