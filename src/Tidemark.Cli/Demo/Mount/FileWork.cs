using Tidemark.Io.Contract;

namespace Tidemark.Cli.Demo.Mount;

/// <summary>Someone at work in a mounted file system: files come, grow, move and go. On a worker, since the kernel may make it wait for us.</summary>
internal sealed class FileWork(IoEngine engine, string folder, int seed)
{
    private const int MostFiles = 300;
    private const int LargestBytes = 256 * 1024;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly Random random = new(seed);
    private readonly List<string> files = [];
    private readonly byte[] content = new byte[LargestBytes];
    private Task working = Task.CompletedTask;
    private bool isStopping;
    private int made;

    /// <summary>Changes made so far.</summary>
    public int Changes { get; private set; }

    /// <summary>Begins, or goes on.</summary>
    public void Start()
    {
        isStopping = false;
        working = WorkAsync();
    }

    /// <summary>Ends the change under way and no new one begins.</summary>
    public async ValueTask StopAsync()
    {
        isStopping = true;
        await working;
    }

    private async Task WorkAsync()
    {
        while (!isStopping)
        {
            _ = await engine.OffloadAsync(static work => work.ChangeOnce(), this);
            await engine.Loop.DelayAsync(Pause, CancellationToken.None);
        }
    }

    private bool ChangeOnce()
    {
        Changes++;
        var choice =
            files.Count >= MostFiles ? 9
            : files.Count < 10 ? 0
            : random.Next(10);
        switch (choice)
        {
            case < 5:
                var path = Path.Combine(
                    Directory.CreateDirectory(Path.Combine(folder, "work", $"{random.Next(8)}")).FullName,
                    $"file-{made++}"
                );
                File.WriteAllBytes(path, Content());
                files.Add(path);
                break;
            case < 7:
                using (var file = File.Open(files[random.Next(files.Count)], FileMode.Append))
                {
                    file.Write(Content());
                }

                break;
            case < 8:
                var index = random.Next(files.Count);
                var moved = Path.Combine(folder, "work", $"moved-{made++}");
                File.Move(files[index], moved);
                files[index] = moved;
                break;
            default:
                var last = random.Next(files.Count);
                File.Delete(files[last]);
                files.RemoveAt(last);
                break;
        }

        return true;
    }

    private ReadOnlySpan<byte> Content()
    {
        var data = content.AsSpan(0, random.Next(1, LargestBytes));
        random.NextBytes(data);
        return data;
    }
}
