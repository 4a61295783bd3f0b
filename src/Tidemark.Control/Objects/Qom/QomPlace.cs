using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Objects.Qom;

/// <summary>
/// A place in the tree of objects. Paths are absolute ("/objects/x") or any unambiguous end of one ("x", "objects/x").
/// <code>
///   /                          QomContainer
///   ├─ objects                 QomContainer     users' objects: QomUserObject
///   └─ machine                 QomContainer     where there is one
///      ├─ peripheral           QomContainer     devices by id: QomDevice, with its part that holds the medium below
///      ├─ peripheral-anon      QomContainer     devices without one
///      └─ unattached           QomContainer     the machine's own devices
/// </code>
/// </summary>
internal abstract class QomPlace(string path)
{
    /// <summary>Where it is.</summary>
    public string Path { get; } = path;

    /// <summary>Name of its type.</summary>
    public abstract string TypeName { get; }

    /// <summary>What is below it, by name.</summary>
    public abstract IEnumerable<(string Name, QomPlace Place)> Children { get; }

    /// <summary>Its own properties, but for its type: pairs of name and type.</summary>
    public virtual IEnumerable<(string Name, string Type)> Own => [];

    /// <summary>All properties, children included.</summary>
    public IEnumerable<(string Name, string Type)> Properties =>
        [("type", "string"), .. Own, .. Children.Select(static child => (child.Name, $"child<{child.Place.TypeName}>"))];

    /// <summary>
    /// The place that a path leads to. Throws "Device 'x' not found", and if <paramref name="tellsAmbiguous"/> "Path 'x' is ambiguous".
    /// </summary>
    public static QomPlace Require(ControlContext context, string path, bool tellsAmbiguous = false)
    {
        var root = QomContainer.Root(context);
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (path.StartsWith('/'))
        {
            return Walk(root, parts) ?? throw NotFound(path);
        }
        List<QomPlace> found = [];
        Search(root, parts, found);
        return found.Count switch
        {
            1 => found[0],
            0 => throw NotFound(path),
            _ when !tellsAmbiguous => throw NotFound(path),
            _ => throw new BlockException(BlockErrorKind.NotFound, $"Path '{path}' is ambiguous"),
        };
    }

    /// <summary>A property's value; a child's is its path. Throws "Property 'type.x' not found".</summary>
    public JsonValue Get(string name)
    {
        if (name == "type")
        {
            return new JsonString(TypeName);
        }
        return GetOwn(name) ?? (FindChild(name) is { } child ? new JsonString(child.Path) : throw PropertyNotFound(name));
    }

    /// <summary>Sets a property; throws when there is none, it can't be written, or the value is none for it.</summary>
    public void Set(string name, JsonValue value)
    {
        if (name != "type" && TrySetOwn(name, value))
        {
            return;
        }
        throw name == "type" || GetOwn(name) is not null || FindChild(name) is not null
            ? new BlockException(BlockErrorKind.AccessDenied, $"Property '{TypeName}.{name}' is not writable")
            : PropertyNotFound(name);
    }

    /// <summary>The value of one of its own properties, or null if it has none of that name.</summary>
    protected virtual JsonValue? GetOwn(string name) => null;

    /// <summary>Sets one of its own properties; false if it can't be.</summary>
    protected virtual bool TrySetOwn(string name, JsonValue value) => false;

    private QomPlace? FindChild(string name) => Children.FirstOrDefault(child => child.Name == name).Place;

    private BlockException PropertyNotFound(string name) =>
        new(BlockErrorKind.NotFound, $"Property '{TypeName}.{name}' not found");

    private static QomPlace? Walk(QomPlace? from, ReadOnlySpan<string> parts)
    {
        foreach (var part in parts)
        {
            from = from?.FindChild(part);
        }
        return from;
    }

    private static void Search(QomPlace from, string[] parts, List<QomPlace> found)
    {
        if (Walk(from, parts) is { } place && place != from)
        {
            found.Add(place);
        }
        foreach (var (_, child) in from.Children)
        {
            Search(child, parts, found);
        }
    }

    private static QmpException NotFound(string path) => new(QmpErrorClass.DeviceNotFound, $"Device '{path}' not found");
}
