using System.Globalization;

namespace Tidemark.Cli.Options;

/// <summary>Sizes for people: three significant digits and a binary unit ("1.5 GiB", "64 MiB", "580 KiB").</summary>
internal static class SizeText
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>The text for <paramref name="bytes"/>.</summary>
    public static string Of(long bytes)
    {
        // The unit that leaves fewer than 1000 before it; 1000 KiB reads as 0.977 MiB.
        double value = bytes;
        var unit = 0;
        while (value >= 1000 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }
        return $"{Significant(value)} {Units[unit]}";
    }

    private static string Significant(double value)
    {
        if (value == 0)
        {
            return "0";
        }
        var decimals = Math.Max(0, 2 - (int)Math.Floor(Math.Log10(value)));
        var text = value.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return text.Contains('.', StringComparison.Ordinal) ? text.TrimEnd('0').TrimEnd('.') : text;
    }
}
