using System.Globalization;

namespace Tidemark.Cli.Io;

/// <summary>What a request did and how long it took.</summary>
internal static class IoReport
{
    /// <summary>
    /// Prints "wrote 512/512 bytes at offset 0" and the rate, or with <paramref name="forMachines"/> one line of plain figures.
    /// </summary>
    public static void Print(TextWriter output, string verb, long offset, long bytes, TimeSpan time, bool forMachines)
    {
        // A request always takes some time, whatever the clock can see of it.
        var seconds = Math.Max(time.TotalSeconds, 1e-7);
        var (bytesPerSecond, requestsPerSecond) = (bytes / seconds, 1 / seconds);
        if (forMachines)
        {
            output.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{bytes},1,{IoText.Time(time, isFixed: true)},{bytesPerSecond:F3},{requestsPerSecond:F3}"
                )
            );
            return;
        }
        output.WriteLine($"{verb} {bytes}/{bytes} bytes at offset {offset}");
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{IoText.Size(bytes)}, 1 ops; {IoText.Time(time)} ({IoText.Size(bytesPerSecond)}/sec and {requestsPerSecond:F4} ops/sec)"
            )
        );
    }
}
