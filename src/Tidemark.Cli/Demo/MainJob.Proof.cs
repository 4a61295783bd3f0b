using Tidemark.Core.Errors;

namespace Tidemark.Cli.Demo;

/// <content>The proof: every point is restored to a raw file and compared, byte for byte, with the truth at its instant.</content>
internal sealed partial class MainJob
{
    private const int CompareBytes = 4 << 20;

    private async ValueTask<bool> ProveAsync()
    {
        foreach (var point in points)
        {
            screen.Count($"restoring point {point.Number}");
            point.RestoredPath = PathOf($"restored-{point.Number}.raw");
            var start = screen.Elapsed;
            _ = await imageTool.RunWellAsync("convert", "-f", "qcow2", "-O", "raw", point.ImagePath, point.RestoredPath);
            point.RestoreTime = screen.Elapsed - start;

            truth.AdvanceTo(point.Mark);
            var difference = FirstDifference(point.RestoredPath, truth.ImagePath);
            point.IsIdentical = difference is null;
            if (difference is { } offset)
            {
                point.Objections.Add($"byte {offset} differs");
            }

            await AskJudgesAsync(point);
            screen.Say(
                $"point {point.Number} restored from {point.ImageName}: {(point.IsIdentical ? "identical" : "DIFFERENT")}{(point.Objections.Count > 0 ? " (" + string.Join("; ", point.Objections) + ")" : "")}"
            );
        }

        return points.TrueForAll(point => point.IsIdentical && point.Objections.Count == 0);
    }

    private async ValueTask AskJudgesAsync(PointInTime point)
    {
        // A restored path is there: this comes after it was set.
        string?[] verdicts =
        [
            await judges.FileSystemAsync(point.RestoredPath!),
            await judges.ImageAsync(point.ImagePath),
            await judges.SameAsync(point.ImagePath, truth.ImagePath),
        ];
        point.Objections.AddRange(verdicts.OfType<string>());
    }

    private static long? FirstDifference(string onePath, string otherPath)
    {
        using var one = File.OpenHandle(onePath);
        using var other = File.OpenHandle(otherPath);
        if (RandomAccess.GetLength(one) != RandomAccess.GetLength(other))
        {
            throw new BlockException(
                BlockErrorKind.Io,
                $"{onePath} has {RandomAccess.GetLength(one)} bytes, the disk had {RandomAccess.GetLength(other)}"
            );
        }

        var (left, right) = (new byte[CompareBytes], new byte[CompareBytes]);
        for (long offset = 0; ; offset += CompareBytes)
        {
            var count = RandomAccess.Read(one, left, offset);
            if (count == 0)
            {
                return null;
            }

            _ = RandomAccess.Read(other, right, offset);
            var same = left.AsSpan(0, count).CommonPrefixLength(right.AsSpan(0, count));
            if (same < count)
            {
                return offset + same;
            }
        }
    }

    private void Report(bool good)
    {
        screen.Table(
            ["point ", "taken at ", "kind", "copied ", "seconds ", "writes meanwhile ", "restored in ", "identical", "remark"],
            [
                .. points.Select(point =>
                    new[]
                    {
                        $"{point.Number}",
                        DemoScreen.Seconds(point.TakenAfter) + " s",
                        point.Kind,
                        DemoScreen.Size(point.BytesCopied),
                        DemoScreen.Seconds(point.Duration),
                        $"{point.WritesMeanwhile}",
                        DemoScreen.Seconds(point.RestoreTime) + " s",
                        point.IsIdentical ? "yes" : "NO",
                        point.Objections.Count > 0 ? string.Join("; ", point.Objections) : point.Remark,
                    }
                ),
            ]
        );
        screen.Print(good ? "Every point in time came back as it was." : "NOT every point in time came back as it was.");
        screen.Print($"Each was compared byte for byte with the demo's own record of what was written. {judges.Describe()}.");
        screen.Print(
            $"""

            Everything is in {options.Folder}:
              {imageTool} info {DiskPath}
              {imageTool} map {LastImage}
              {imageTool} check {LastImage}
              sudo mount -o loop,ro {points[^1].RestoredPath} /mnt    (the last point's file system)
            """
        );
    }
}
