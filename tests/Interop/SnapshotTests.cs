using System.Text.RegularExpressions;
using Tidemark.Testing;

namespace Tidemark.Interop.Tests;

/// <summary>Internal snapshots of one image in turns with the real program, and qemu-img snapshot word for word.</summary>
public sealed partial class SnapshotTests : IDisposable
{
    private readonly TempFolder folder = TempFolder.InMemory();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(1, "cluster_size=64k")]
    [InlineData(2, "cluster_size=512")]
    [InlineData(3, "cluster_size=4k,refcount_bits=8")]
    [InlineData(4, "compat=0.10")]
    [InlineData(5, "lazy_refcounts=on")]
    public void Both_programs_work_on_each_other_s_snapshots(int seed, string options)
    {
        Assert.SkipUnless(ProgramRun.Exists("qemu-img"), "qemu-img is not installed");
        var random = new Random(seed);
        var image = folder.File("image.qcow2");
        _ = ProgramRun.Of("qemu-img", "create", "-q", "-f", "qcow2", "-o", options, image, "2M").MustSucceed();
        var kept = new Dictionary<string, string>();
        for (var i = 0; i < 14; i++)
        {
            var write = $"write -P {i + 1} {random.Next(2048)}k {1 + random.Next(400)}k";
            _ = Run(random.Next(2) == 0, "qemu-io", "-f", "qcow2", "-c", write, image);
            var name = kept.Count > 0 ? kept.Keys.ElementAt(random.Next(kept.Count)) : null;
            var action = name is null ? 0 : random.Next(4);
            if (action <= 1)
            {
                Img("snapshot", "-c", $"s{i}", image);
                kept.Add($"s{i}", Raw(real: true, image));
            }
            else if (action == 2)
            {
                Img("snapshot", "-a", name!, image); // there is one: see above
                Assert.Equal(kept[name!], Raw(real: true, image));
            }
            else
            {
                Img("snapshot", "-d", name!, image);
                _ = kept.Remove(name!);
            }
            var check = ProgramRun.Of("qemu-img", "check", image);
            Assert.True(check.ExitCode == 0, $"seed {seed}, step {i}: {check.Output}{check.Errors}");
        }
        foreach (var (name, content) in kept)
        {
            Assert.Equal(content, Raw(real: true, image, "-l", name));
            Assert.Equal(content, Raw(real: false, image, "-l", $"snapshot.name={name}"));
        }

        void Img(params string[] arguments) => _ = Run(random.Next(2) == 0, "qemu-img", arguments).MustSucceed();
    }

    [Fact]
    public void The_command_line_speaks_as_the_real_one()
    {
        Assert.SkipUnless(ProgramRun.Exists("qemu-img"), "qemu-img is not installed");
        var raw = folder.File("f.raw");
        System.IO.File.WriteAllBytes(raw, new byte[1 << 20]);
        string[][] commands =
        [
            ["snapshot"],
            ["snapshot", "-l"],
            ["snapshot", "IMAGE"],
            ["snapshot", "-l", "IMAGE"],
            ["snapshot", "-c", "a", "IMAGE"],
            ["snapshot", "-c", "a", "IMAGE"],
            ["snapshot", "-c", "", "IMAGE"],
            ["snapshot", "-l", "IMAGE"],
            ["snapshot", "-l", "-c", "x", "IMAGE"],
            ["snapshot", "-a", "none", "IMAGE"],
            ["snapshot", "-a", "1", "IMAGE"],
            ["snapshot", "-d", "1", "IMAGE"],
            ["bitmap", "--add", "IMAGE", "b"],
            ["snapshot", "-a", "a", "IMAGE"],
            ["snapshot", "-c", "with", "IMAGE"],
            ["bitmap", "--remove", "IMAGE", "b"],
            ["resize", "IMAGE", "2M"],
            ["snapshot", "-c", "large", "IMAGE"],
            ["snapshot", "-a", "with", "IMAGE"],
            ["info", "IMAGE"],
            ["snapshot", "-d", "a", "IMAGE"],
            ["snapshot", "-l", "IMAGE"],
            ["convert", "-l", "large", "-O", "raw", "IMAGE", "OUT"],
            ["convert", "-l", "none", "-O", "raw", "IMAGE", "OUT"],
            ["convert", "-l", "snapshot.id=2,snapshot.name=a", "-O", "raw", "IMAGE", "OUT"],
            ["convert", "-l", "snapshot.x=1", "-O", "raw", "IMAGE", "OUT"],
            ["convert", "-l", "a", "-O", "raw", "IMAGE", "IMAGE", "OUT"],
            ["convert", "-l", "a", "-O", "raw", raw, "OUT"],
            ["snapshot", "-c", "a", "none.qcow2"],
        ];
        Assert.Equal(Play(true, commands), Play(false, commands));
    }

    private List<string> Play(bool real, string[][] commands)
    {
        var image = folder.File("play.qcow2");
        _ = ProgramRun.Of("qemu-img", "create", "-q", "-f", "qcow2", image, "1M").MustSucceed();
        var said = new List<string>();
        foreach (var command in commands)
        {
            var words = command
                .Select(w =>
                    w == "IMAGE" ? image
                    : w == "OUT" ? folder.File("out")
                    : w
                )
                .ToArray();
            var run = Run(real, "qemu-img", words);
            said.Add($"{string.Join(' ', command)}: {run.ExitCode}\n{Timeless().Replace(run.Output, "NOW")}{run.Errors}");
        }
        return said;
    }

    [GeneratedRegex(@"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d|disk size: .*")]
    private static partial Regex Timeless();

    private string Raw(bool real, string image, params string[] options)
    {
        var raw = folder.File("raw");
        _ = Run(real, "qemu-img", ["convert", "-f", "qcow2", "-O", "raw", .. options, image, raw]).MustSucceed();
        return Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.IO.File.ReadAllBytes(raw)));
    }

    private static ProgramRun Run(bool real, string program, params string[] arguments) =>
        ProgramRun.Of(real ? program : Ours.Program(program), arguments);
}
