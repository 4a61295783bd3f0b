using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Objects.Qom;

/// <summary>
/// A place in the tree of objects: the root, the container of users' objects, or one of them. Paths are absolute ("/objects/x") or any
/// unambiguous end of one ("x", "objects/x").
/// </summary>
internal sealed class QomPlace
{
    private readonly ObjectRegistry registry;
    private readonly string? id;
    private readonly bool isRoot;

    private QomPlace(ObjectRegistry registry, bool isRoot, string? id) =>
        (this.registry, this.isRoot, this.id) = (registry, isRoot, id);

    private ObjectOptions? Options => id is null ? null : registry.Find(id);

    private string TypeName => Options is { } options ? QomTypes.Of(options).Name : "container";

    /// <summary>The properties, children included, as pairs of name and type.</summary>
    public IEnumerable<(string Name, string Type)> Properties
    {
        get
        {
            yield return ("type", "string");
            if (Options is { } options)
            {
                foreach (var property in QomTypes.Of(options).Properties)
                {
                    yield return (property.Name, property.Type);
                }
            }
            else if (isRoot && registry.WasUsed)
            {
                yield return ("objects", "child<container>");
            }
            else if (!isRoot)
            {
                foreach (var child in registry.All)
                {
                    yield return (child.Id, $"child<{QomTypes.Of(child).Name}>");
                }
            }
        }
    }

    /// <summary>The place that a path leads to; throws "Device 'x' not found".</summary>
    public static QomPlace Require(ObjectRegistry registry, string path)
    {
        return Find() ?? throw new QmpException(QmpErrorClass.DeviceNotFound, $"Device '{path}' not found");

        QomPlace? Find()
        {
            string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
            var isAbsolute = path.StartsWith('/');
            return parts switch
            {
                [] => isAbsolute ? new(registry, isRoot: true, null) : null,
                ["objects"] when registry.WasUsed => new(registry, isRoot: false, null),
                ["objects", var id] when registry.Find(id) is not null => new(registry, isRoot: false, id),
                [var id] when !isAbsolute && registry.Find(id) is not null => new(registry, isRoot: false, id),
                _ => null,
            };
        }
    }

    /// <summary>A property's value; a child's is its path. Throws "Property 'type.x' not found".</summary>
    public JsonValue Get(string name)
    {
        if (name == "type")
        {
            return new JsonString(TypeName);
        }
        if (Options is { } options)
        {
            return RequireOwn(options, name).Get(options);
        }
        RequireChild(name);
        return new JsonString(isRoot ? $"/{name}" : $"/objects/{name}");
    }

    /// <summary>Sets a property; throws when there is none, it can't be written, or the value is none for it.</summary>
    public void Set(string name, JsonValue value)
    {
        if (name != "type" && Options is { } options)
        {
            if (RequireOwn(options, name).Set is { } set)
            {
                registry.Change(set(options, value));
                return;
            }
        }
        else if (name != "type")
        {
            RequireChild(name);
        }
        throw new BlockException(BlockErrorKind.AccessDenied, $"Property '{TypeName}.{name}' is not writable");
    }

    private QomProperty RequireOwn(ObjectOptions options, string name) =>
        QomTypes.Of(options).Properties.FirstOrDefault(property => property.Name == name) ?? throw NotFound(name);

    private void RequireChild(string name)
    {
        if (!Properties.Any(property => property.Name == name))
        {
            throw NotFound(name);
        }
    }

    private BlockException NotFound(string name) => new(BlockErrorKind.NotFound, $"Property '{TypeName}.{name}' not found");
}
