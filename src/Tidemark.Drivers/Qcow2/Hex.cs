namespace Tidemark.Drivers.Qcow2;

/// <summary>Numbers as messages about damaged images give them.</summary>
internal static class Hex
{
    /// <summary>Like "%#x" of C: "0x1f0", and "0" for zero.</summary>
    public static string Of(long value) => value == 0 ? "0" : $"0x{value:x}";

    /// <inheritdoc cref="Of(long)"/>
    public static string Of(ulong value) => Of((long)value);
}
