using System.Globalization;

namespace Tidemark.Cli.Io;

/// <summary>Figures as qemu-io prints them.</summary>
internal static class IoText
{
    private static readonly string[] Units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>"64 KiB", "1.500 KiB", "512 bytes".</summary>
    public static string Size(double bytes)
    {
        var unit = 0;
        while (bytes >= 1024 && unit < Units.Length - 1)
        {
            bytes /= 1024;
            unit++;
        }
        var text = bytes.ToString(unit == 0 ? "F6" : "F3", CultureInfo.InvariantCulture);
        var point = text.IndexOf('.', StringComparison.Ordinal);
        return $"{(text.AsSpan(point + 1).ContainsAnyExcept('0') ? text : text[..point])} {Units[unit]}";
    }

    /// <summary>"00.01 sec", above a minute "0:01:02.30"; always the long form if <paramref name="isFixed"/>.</summary>
    public static string Time(TimeSpan time, bool isFixed = false)
    {
        var hundredths = time.Milliseconds / 10;
        return isFixed || time.TotalMinutes >= 1
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{(long)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}.{hundredths:00}"
            )
            : string.Create(CultureInfo.InvariantCulture, $"{time.Seconds:00}.{hundredths:00} sec");
    }

    /// <summary>Prints 16 bytes a line: offset, hexadecimal, and the letters and digits among them.</summary>
    public static void Dump(TextWriter output, ReadOnlySpan<byte> data, long offset)
    {
        for (var at = 0; at < data.Length; at += 16)
        {
            output.Write($"{offset + at:x8}:  ");
            var line = data.Slice(at, Math.Min(16, data.Length - at));
            foreach (var value in line)
            {
                output.Write($"{value:x2} ");
            }
            output.Write(' ');
            foreach (var value in line)
            {
                output.Write(char.IsAsciiLetterOrDigit((char)value) ? (char)value : '.');
            }
            output.WriteLine();
        }
    }
}
