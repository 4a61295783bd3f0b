using System.Text.Json;
using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Drivers.Qcow2.Bitmaps;
using Tidemark.Drivers.Qcow2.Check;
using Tidemark.Drivers.Qcow2.Header;
using Tidemark.Testing;

namespace Tidemark.Drivers.Tests.Qcow2.Check;

/// <summary>One check of a file, ours or the real program's, as "qemu-img check" goes about it: after a repair it looks again.</summary>
internal sealed record CheckTrial(string Lines, ImageCheckResult? Result)
{
    private static readonly byte[] Head = new byte[1 << 21];

    /// <summary>Runs our check on the file.</summary>
    public static async Task<CheckTrial> OfOursAsync(string path, ImageRepair repair)
    {
        var lines = new List<string>();
        try
        {
            var result = await CheckAsync(path, repair, lines);
            if (result.LeaksFixed > 0 || result.CorruptionsFixed > 0)
            {
                var first = result;
                result = await CheckAsync(path, ImageRepair.None, lines);
                (result.LeaksFixed, result.CorruptionsFixed) = (first.LeaksFixed, first.CorruptionsFixed);
            }
            return new(Join(lines), result);
        }
        catch (BlockException error)
        {
            lines.Add($"qemu-img: {error.Hint ?? error.Message}");
            return new(Join(lines), null);
        }
    }

    /// <summary>Runs the real program on the file.</summary>
    public static CheckTrial OfReal(string path, ImageRepair repair)
    {
        string[] mode = repair switch
        {
            ImageRepair.None => [],
            ImageRepair.Leaks => ["-r", "leaks"],
            _ => ["-r", "all"],
        };
        var run = ProgramRun.Of("qemu-img", ["check", "--output=json", "-f", "qcow2", .. mode, path]);
        var lines = run
            .Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line =>
                line.Replace(
                    "run 'qemu-img check -r' on the image file to fix.",
                    "run 'qemu-img check -r' on the image file to fix.\n"
                )
            )
            .ToList();
        if (run.ExitCode == 1)
        {
            return new(Join(lines), null);
        }
        var json = JsonDocument.Parse(run.Output).RootElement;
        return new(
            Join(lines),
            new()
            {
                Corruptions = Get("corruptions"),
                Leaks = Get("leaks"),
                CheckErrors = Get("check-errors"),
                CorruptionsFixed = Get("corruptions-fixed"),
                LeaksFixed = Get("leaks-fixed"),
                ImageEndOffset = Get("image-end-offset"),
                TotalClusters = Get("total-clusters"),
                AllocatedClusters = Get("allocated-clusters"),
                FragmentedClusters = Get("fragmented-clusters"),
                CompressedClusters = Get("compressed-clusters"),
            }
        );

        long Get(string name) => json.TryGetProperty(name, out var value) ? value.GetInt64() : 0;
    }

    /// <summary>The checker over a storage of the caller's.</summary>
    public static async Task<Qcow2Checker> CreateAsync(ICheckStorage storage, ImageRepair repair, Action<string> report)
    {
        var head = new byte[Head.Length];
        _ = await storage.ReadAsync(0, head);
        var header = Qcow2Header.Parse(head.AsSpan(0, 1 << Qcow2Header.PeekClusterBits(head)), writable: true, forCheck: true);
        if (StoredBitmapsHeader.Warning(header) is { } warning)
        {
            report("qemu-img: warning: " + warning);
        }
        return new(storage, CheckLayout.Of(header), repair, report);
    }

    private static async Task<ImageCheckResult> CheckAsync(string path, ImageRepair repair, List<string> lines)
    {
        using var storage = new FileCheckStorage(path);
        return await (await CreateAsync(storage, repair, lines.Add)).CheckAsync();
    }

    private static string Join(IEnumerable<string> lines) =>
        string.Join('\n', string.Join('\n', lines).Split('\n', StringSplitOptions.RemoveEmptyEntries));
}
