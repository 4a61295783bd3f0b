using System.Globalization;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Devices;

/// <summary>A place on a PCI bus: "06.0", or "06" for function 0.</summary>
internal readonly record struct PciSlot(int Slot, int Function)
{
    /// <summary>Slots of a bus.</summary>
    public const int Count = 32;

    private const int Functions = 8;

    /// <summary>The property that asks for one. A number is slot times 8 plus function, as -1 any.</summary>
    public static DeviceProperty Property { get; } = DeviceProperty.Int32("addr", -1) with { Read = ReadText };

    /// <summary>Slot and function in one number.</summary>
    public int Number => (Slot * Functions) + Function;

    /// <summary>Takes a text or number apart; null when it is no place.</summary>
    public static PciSlot? Parse(string text)
    {
        var parts = text.Split('.');
        var isSlot = int.TryParse(parts[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var slot);
        var function = 0;
        var isFunction =
            parts.Length == 1
            || (
                parts.Length == 2
                && int.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out function)
            );
        return isSlot && isFunction && slot < Count && function < Functions ? new(slot, function) : null;
    }

    private static JsonValue ReadText(ObjectReader options)
    {
        if (options.Reader.Mode == SchemaMode.Strict && options.Source["addr"] is JsonNumber)
        {
            var devfn = options.Required("addr", SchemaCodec.Int32);
            return devfn is >= -1 and < Count * Functions
                ? new JsonString(devfn == -1 ? "" : new PciSlot(devfn / Functions, devfn % Functions).ToString())
                : throw Refuse(devfn.ToString(CultureInfo.InvariantCulture));
        }
        var text = options.Required("addr", SchemaCodec.String);
        return new JsonString(Parse(text) is { } slot ? slot.ToString() : throw Refuse(text));

        BlockException Refuse(string value) =>
            new(
                BlockErrorKind.InvalidOptions,
                $"Property '{DeviceModels.Find(options.Source.GetString("driver") ?? "")?.Name}.addr' doesn't take value '{value}'"
            );
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Slot:x2}.{Function:x}";
}
