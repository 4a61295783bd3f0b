using System.Text.RegularExpressions;
using Tidemark.Block.Contract;
using Tidemark.Testing;

namespace Tidemark.Cli.Tests.Io;

/// <summary>
/// An error that blkdebug injects at each event of qcow2: the same commands fail, with the same words, in ours and in the real
/// program. Where they do not, the reason stands in the list.
/// </summary>
[Collection(nameof(OneAtATime))]
public sealed partial class DebugEventTests
{
    private static readonly Dictionary<string, Scenario> Scenarios = new()
    {
        ["read"] = new(["create 4M", "write 0 1M"], ["read 0 64k", "read 0 64k", "read 2M 64k"]),
        ["overlay"] = new(
            ["create 4M", "write 0 1M", "overlay", "write 0 64k"],
            ["read 0 128k", "read 64k 64k", "write 65k 4k", "flush", "read 64k 64k"]
        ),
        ["compressed"] = new(
            ["create 1M", "write 0 1M", "compress"],
            ["read 0 64k", "read 64k 4k", "write 65k 4k", "flush", "read 65k 4k"]
        ),
        ["allocate"] = new(["create 1G"], ["write 0 64k", "flush", "write 600M 128k", "flush", "read 0 64k"]),
        ["overwrite"] = new(["create 4M", "write 0 1M"], ["write 0 64k", "flush", "write 100 100", "flush", "read 0 4k"]),
        ["part"] = new(["create 4M", "write 0 64k"], ["write 65k 1k", "flush", "write 200k 100k", "flush", "read 0 256k"]),
        ["grow"] = new(
            ["create 4M -o cluster_size=4k", "write 0 1M"],
            ["truncate 8G", "length", "flush", "write 7G 4k", "flush"]
        ),
        ["shrink"] = new(
            ["create 1G -o cluster_size=4k", "write 0 1M", "write 900M 1M"],
            ["truncate 16M", "length", "flush", "read 0 4k"]
        ),
        ["zeroes"] = new(["create 4M", "write 0 1M"], ["write -z 0 64k", "flush", "write -z 64k 4k", "flush", "read 0 128k"]),
        ["discard"] = new(["create 4M", "write 0 1M"], ["discard 0 128k", "flush", "discard 128k 64k", "flush", "read 0 128k"]),
        ["refcounts"] = new(["create 16M -o cluster_size=512"], ["write 0 256k", "flush", "write 4M 6M", "flush", "read 0 64k"]),
        ["snapshot"] = new(
            ["create 4M", "write 0 1M", "snapshot"],
            ["write 0 64k", "flush", "write 100k 64k", "flush", "read 0 64k"]
        ),
    };

    // "scenario event": the two differ, for the reason given. The list only shrinks.
    private static readonly HashSet<string> Known =
    [
        // A write that is durable by itself flushes the medium for its own data; the reference counts that data only afterwards,
        // and raises the event at the next flush.
        .. Scenarios.Keys.Except(["read", "discard", "grow", "shrink"]).Select(static name => $"{name} flush_to_disk"),
        // Resizing and shrinking flush under way, so that the event comes earlier and its rule hits the flush.
        "shrink flush_to_os",
        "shrink flush_to_disk",
        // What surrounds a small write in a new cluster goes out with it, not as a write of zeroes before it.
        "part pwritev_zero",
        // Clusters become free when the references to them have left the medium: within the flush, which writes the lowered
        // refcounts too, where the reference lets them wait in its cache.
        "compressed refblock_update_part",
        "compressed cluster_free",
        "compressed pwritev_done",
        "grow cluster_free",
        "shrink cluster_free",
        "shrink l1_shrink_free_l2_clusters",
        // Shrinking does not make tables just to empty them, cuts the L1 table as an ordinary change of it, and writes what was
        // cropped and the shorter table in one go, whose failure is that of the tables.
        "shrink l1_update",
        "shrink l2_update",
        "shrink l2_alloc_write",
        "shrink refblock_load",
        "shrink refblock_update_part",
        "shrink refblock_alloc",
        "shrink cluster_alloc",
        "shrink pwritev",
        "shrink pwritev_zero",
        "shrink pwritev_done",
    ];

    public static TheoryData<string> Names() => [.. Scenarios.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void An_error_at_any_event_fails_what_it_fails_in_the_real_program(string name)
    {
        Assert.SkipUnless(Tool.RealOnesAreInstalled, "qemu-utils is not installed");
        using var folder = TempFolder.InMemory();
        var scenario = Scenarios[name];
        scenario.Prepare(folder);
        List<string> wrong = [];
        foreach (var happening in Enum.GetValues<DebugEvent>().Select(static value => value.ToWord()))
        {
            System.IO.File.WriteAllText(
                folder.File("rules"),
                $"[inject-error]\nevent = \"{happening}\"\nerrno = \"28\"\nonce = \"on\"\nimmediately = \"on\"\n"
            );
            var real = Play(folder, scenario, static arguments => ProgramRun.Of("qemu-io", arguments));
            var ours = Play(folder, scenario, static arguments => Tool.Ours("qemu-io", arguments));
            var check = ProgramRun.Of("qemu-img", "check", folder.File("a.qcow2"));
            if (check.ExitCode is not (0 or 3))
            {
                wrong.Add($"{happening}: the image is damaged\n{check.Output}{check.Errors}");
            }
            if ((ours != real) != Known.Contains($"{name} {happening}"))
            {
                wrong.Add($"{happening}: the real one\n{real}\nours{(ours == real ? " now too" : "")}\n{ours}");
            }
        }
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    private static string Play(TempFolder folder, Scenario scenario, Func<string[], ProgramRun> run)
    {
        var image = folder.File("a.qcow2");
        System.IO.File.Copy(folder.File("prepared"), image, overwrite: true);
        var commands = scenario.Commands.SelectMany(static command => new[] { "-c", command });
        var played = run([.. commands, "-f", "qcow2", $"blkdebug:{folder.File("rules")}:{image}"]);
        return Rates().Replace(played.Output, "") + played.Errors.Trim() + $"\nexit code {played.ExitCode}";
    }

    [GeneratedRegex("^.* ops;.*\n", RegexOptions.Multiline)]
    private static partial Regex Rates();

    private sealed record Scenario(string[] Preparation, string[] Commands)
    {
        public void Prepare(TempFolder folder)
        {
            var image = folder.File("prepared");
            foreach (var step in Preparation)
            {
                string[] words = step.Split(' ');
                _ = (
                    words[0] switch
                    {
                        "create" => ProgramRun.Of("qemu-img", ["create", "-q", "-f", "qcow2", .. words[2..], image, words[1]]),
                        "overlay" => Overlay(folder, image),
                        "compress" => Compress(folder, image),
                        "snapshot" => ProgramRun.Of("qemu-img", "snapshot", "-c", "s", image),
                        _ => ProgramRun.Of("qemu-io", "-f", "qcow2", "-c", step, image),
                    }
                ).MustSucceed();
            }
        }

        private static ProgramRun Overlay(TempFolder folder, string image)
        {
            System.IO.File.Move(image, folder.File("base"));
            return ProgramRun.Of("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", folder.File("base"), image);
        }

        private static ProgramRun Compress(TempFolder folder, string image)
        {
            System.IO.File.Move(image, folder.File("base"));
            return ProgramRun.Of("qemu-img", "convert", "-c", "-O", "qcow2", folder.File("base"), image);
        }
    }
}
