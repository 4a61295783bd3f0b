using Tidemark.Control.Devices;
using Tidemark.Control.Objects.Qom;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Commands.Device;

/// <summary>device-list-properties: what a model of device takes.</summary>
internal sealed partial class DeviceListProperties()
    : QmpCommand<DeviceListProperties.Arguments, IReadOnlyList<DeviceListProperties.PropertyInfo>>(
        "device-list-properties",
        Arguments.Codec,
        SchemaCodec.List(PropertyInfo.Codec)
    )
{
    /// <summary>What it takes: the model's name.</summary>
    [Schema]
    internal sealed partial record Arguments(string Typename);

    /// <summary>A property.</summary>
    [Schema(Name = "ObjectPropertyInfo")]
    internal sealed partial record PropertyInfo(
        string Name,
        string Type,
        string? Description = null,
        JsonValue? DefaultValue = null
    );

    /// <inheritdoc/>
    protected override ValueTask<IReadOnlyList<PropertyInfo>> RunAsync(Arguments arguments)
    {
        if (DeviceModels.All.FirstOrDefault(model => model.Name == arguments.Typename) is { } model)
        {
            return new([
                .. model.Properties.Select(static property => new PropertyInfo(
                    property.Name,
                    property.TypeName,
                    DefaultValue: property.Default
                )),
            ]);
        }
        throw QomTypes.Find(arguments.Typename) is null
            ? new QmpException(QmpErrorClass.DeviceNotFound, $"Device '{arguments.Typename}' not found")
            : new QmpException("Parameter 'typename' expects a non-abstract device type");
    }
}
