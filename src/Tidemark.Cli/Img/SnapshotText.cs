using System.Globalization;
using Tidemark.Block.Contract;
using Tidemark.Cli.Options;

namespace Tidemark.Cli.Img;

/// <summary>Snapshots as a table for people; nothing where there are none.</summary>
internal static class SnapshotText
{
    /// <summary>Prints it.</summary>
    public static void Print(TextWriter output, IReadOnlyList<SnapshotInfo> snapshots)
    {
        if (snapshots.Count == 0)
        {
            return;
        }
        output.WriteLine("Snapshot list:");
        output.WriteLine(Row("ID", "TAG", "VM SIZE", "DATE", "VM CLOCK", "ICOUNT"));
        foreach (var snapshot in snapshots)
        {
            var date = DateTimeOffset.FromUnixTimeSeconds(snapshot.DateSeconds).ToLocalTime();
            var clock = snapshot.VmClockNanoseconds / 1_000_000;
            output.WriteLine(
                Row(
                    snapshot.Id,
                    snapshot.Name,
                    SizeText.Of(snapshot.VmStateBytes),
                    date.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
                    $"{clock / 3_600_000:00}:{clock / 60_000 % 60:00}:{clock / 1000 % 60:00}.{clock % 1000:000}",
                    snapshot.InstructionCount?.ToString(CultureInfo.InvariantCulture) ?? ""
                )
            );
        }
    }

    private static string Row(string id, string tag, string size, string date, string clock, string count) =>
        $"{id, -9} {tag, -16} {size, 8}{date, 20}{clock, 13}{count, 11}";
}
