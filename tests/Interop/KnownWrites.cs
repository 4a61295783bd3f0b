using System.Text.Json;
using Tidemark.Testing;

namespace Tidemark.Interop.Tests;

/// <summary>
/// A disk that the test itself knows: what was written where, and which granules must be dirty since when. The truth that
/// images and bitmaps of both programs are held against.
/// </summary>
internal sealed class KnownWrites(int sizeBytes, int granularity, int seed)
{
    private readonly Random random = new(seed);
    private readonly byte[] content = new byte[sizeBytes];
    private readonly bool[] dirty = new bool[(sizeBytes + granularity - 1) / granularity];

    /// <summary>What the disk must hold.</summary>
    public byte[] Content => content;

    /// <summary>Size in bytes.</summary>
    public int SizeBytes { get; } = sizeBytes;

    /// <summary>Forgets what is dirty: a point in time.</summary>
    public void Clean() => Array.Clear(dirty);

    /// <summary>Random qemu-io commands, noted as done: writes and zeroes of odd offsets and lengths.</summary>
    public IReadOnlyList<string> Next(int count)
    {
        List<string> commands = [];
        for (var i = 0; i < count; i++)
        {
            var offset = random.Next(SizeBytes / 512) * 512;
            var length = Math.Min(512 * random.Next(1, 400), SizeBytes - offset);
            var pattern = random.Next(4) == 0 ? 0 : random.Next(1, 256);
            content.AsSpan(offset, length).Fill((byte)pattern);
            for (var granule = offset / granularity; granule <= (offset + length - 1) / granularity; granule++)
            {
                dirty[granule] = true;
            }
            commands.Add(pattern == 0 ? $"write -q -z {offset} {length}" : $"write -q -P {pattern} {offset} {length}");
        }
        return commands;
    }

    /// <summary>The dirty runs as (offset, length), merged.</summary>
    public IReadOnlyList<(long Offset, long Length)> DirtyRuns()
    {
        List<(long, long)> runs = [];
        for (var i = 0; i < dirty.Length; i++)
        {
            if (!dirty[i])
            {
                continue;
            }
            var start = i;
            while (i + 1 < dirty.Length && dirty[i + 1])
            {
                i++;
            }
            var end = Math.Min((long)(i + 1) * granularity, SizeBytes);
            runs.Add(((long)start * granularity, end - ((long)start * granularity)));
        }
        return runs;
    }

    /// <summary>What a client that is neither's reads of an exported bitmap: nbdinfo's map, dirty runs merged.</summary>
    public static IReadOnlyList<(long Offset, long Length)> ReadBitmap(string uri, string bitmap)
    {
        var run = ProgramRun.Of("nbdinfo", "--json", $"--map=qemu:dirty-bitmap:{bitmap}", uri).MustSucceed();
        List<(long Offset, long Length)> runs = [];
        foreach (var extent in JsonDocument.Parse(run.Output).RootElement.EnumerateArray())
        {
            if (extent.GetProperty("type").GetInt32() == 0)
            {
                continue;
            }
            var (offset, length) = (extent.GetProperty("offset").GetInt64(), extent.GetProperty("length").GetInt64());
            if (runs.Count > 0 && runs[^1].Offset + runs[^1].Length == offset)
            {
                runs[^1] = (runs[^1].Offset, runs[^1].Length + length);
            }
            else
            {
                runs.Add((offset, length));
            }
        }
        return runs;
    }
}
