using System.Diagnostics;
using Tidemark.Cli.Demo.FileSystem;
using Tidemark.Core.Units;

namespace Tidemark.Cli.Tests.Demo;

public sealed class Ext4BuilderTests : IDisposable
{
    private const long Size = 384L << 20; // three groups

    private readonly string folder = Directory.CreateTempSubdirectory("tidemark-ext4").FullName;
    private readonly Random random = new(11);

    private string Image => Path.Combine(folder, "disk.raw");

    [Fact]
    public void E2fsck_finds_a_full_file_system_clean()
    {
        _ = Build(disk =>
        {
            var deep = disk.AddDirectory(disk.AddDirectory(disk.Root, "one"), "two");
            for (var number = 0; number < 3000; number++)
            {
                _ = disk.AddFile(
                    number % 2 == 0 ? deep : disk.Root,
                    $"file-{number}-{new string('x', number % 200)}",
                    Content(number * 37 % 20_000)
                );
            }

            _ = disk.AddFile(disk.Root, "wide", Content(200 << 20)); // over a group's end
        });

        var (code, output) = Run("e2fsck", "-fn", Image);
        Assert.True(code == 0, output);
    }

    [Fact]
    public void A_file_reads_back_by_its_name()
    {
        var content = Content(1_234_567);
        _ = Build(disk => _ = disk.AddFile(disk.AddDirectory(disk.Root, "folder"), "file", content));

        var copy = Path.Combine(folder, "copy");
        var (code, output) = Run("debugfs", "-R", $"dump /folder/file {copy}", Image);
        Assert.True(code == 0, output);
        Assert.Equal(content, File.ReadAllBytes(copy));
    }

    [Fact]
    public void The_ranges_that_are_told_hold_the_bytes_of_the_file()
    {
        var content = Content(150 << 20);
        var ranges = Build(disk => disk.AddFile(disk.Root, "file", content));

        Assert.True(ranges.Count > 1);
        using var image = File.OpenHandle(Image);
        var place = 0;
        foreach (var range in ranges)
        {
            var data = new byte[Math.Min(range.Length, content.Length - place)];
            _ = RandomAccess.Read(image, data, range.Offset);
            Assert.True(data.AsSpan().SequenceEqual(content.AsSpan(place, data.Length)));
            place += data.Length;
        }

        Assert.Equal(content.Length, place);
    }

    [Fact]
    public void A_size_that_is_no_whole_number_of_groups_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Ext4Layout(Size + 4096));

    [Fact]
    public void Files_found_on_the_machine_fill_about_what_was_asked_for()
    {
        var count = 0;
        long bytes = 0;
        _ = Build(disk =>
        {
            var found = new FoundFiles(disk);
            found.Copy(24 << 20);
            (count, bytes) = (found.Count, found.Bytes);
        });

        Assert.InRange(bytes, 8 << 20, 80 << 20);
        Assert.True(count > 20);
        var (code, output) = Run("e2fsck", "-fn", Image);
        Assert.True(code == 0, output);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private IReadOnlyList<ByteRange> Build(Func<Ext4Builder, IReadOnlyList<ByteRange>> fill)
    {
        using var file = new FileStream(Image, FileMode.CreateNew);
        file.SetLength(Size);
        var builder = new Ext4Builder(file, Size, now: 1_700_000_000, new Guid("8d7c3b6e-0000-4000-8000-000000000001"));
        var ranges = fill(builder);
        builder.Finish();
        return ranges;
    }

    private IReadOnlyList<ByteRange> Build(Action<Ext4Builder> fill) =>
        Build(builder =>
        {
            fill(builder);
            return (IReadOnlyList<ByteRange>)[];
        });

    private byte[] Content(int length)
    {
        var content = new byte[length];
        random.NextBytes(content);
        return content;
    }

    private static (int Code, string Output) Run(string name, params string[] arguments)
    {
        var path = new[] { "/usr/sbin", "/sbin", "/usr/bin" }
            .Select(place => Path.Combine(place, name))
            .FirstOrDefault(File.Exists);
        Assert.SkipWhen(path is null, $"{name} is not installed (e2fsprogs)");
        using var process = Process.Start(
            new ProcessStartInfo(path!, arguments)
            {
                UseShellExecute = false,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var output = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
