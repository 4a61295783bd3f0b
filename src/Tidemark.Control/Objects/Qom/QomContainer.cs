using Tidemark.Control.Devices;
using Tidemark.Control.Machine;

namespace Tidemark.Control.Objects.Qom;

/// <summary>A place that is there for what is below it.</summary>
internal sealed class QomContainer(string path, string type, Func<IEnumerable<(string Name, QomPlace Place)>> children)
    : QomPlace(path)
{
    private const string Plain = "container";

    /// <inheritdoc/>
    public override string TypeName => type;

    /// <inheritdoc/>
    public override IEnumerable<(string Name, QomPlace Place)> Children => children();

    /// <summary>The top of the tree.</summary>
    public static QomContainer Root(ControlContext context)
    {
        return new("/", Plain, List);

        IEnumerable<(string, QomPlace)> List()
        {
            if (context.Objects.WasUsed || context.Machine is not null)
            {
                yield return ("objects", Objects(context.Objects));
            }
            if (context.Machine is { } machine)
            {
                yield return ("machine", Of(machine));
            }
        }
    }

    private static QomContainer Objects(ObjectRegistry registry) =>
        new(
            "/objects",
            Plain,
            () => registry.All.Select(options => (options.Id, (QomPlace)new QomUserObject(registry, options.Id)))
        );

    private static QomContainer Of(GuestlessMachine machine)
    {
        return new(
            "/machine",
            $"{machine.Type}-machine",
            () => [Devices("peripheral"), Devices("peripheral-anon"), Devices("unattached")]
        );

        (string, QomPlace) Devices(string name) =>
            (
                name,
                new QomContainer(
                    $"/machine/{name}",
                    Plain,
                    () =>
                        machine
                            .Devices.Devices.Where(d => IsIn(d, $"/machine/{name}/"))
                            .Select(d => (NameOf(d), (QomPlace)QomDevice.Of(d)))
                )
            );
    }

    private static bool IsIn(GuestDevice device, string folder) => device.Path.StartsWith(folder, StringComparison.Ordinal);

    private static string NameOf(GuestDevice device) => device.Path[(device.Path.LastIndexOf('/') + 1)..];
}
