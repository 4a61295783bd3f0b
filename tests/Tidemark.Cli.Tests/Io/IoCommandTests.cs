using System.Text.RegularExpressions;
using Tidemark.Testing;

namespace Tidemark.Cli.Tests.Io;

[Collection(nameof(OneAtATime))]
public sealed partial class IoCommandTests
{
    [Fact]
    public void The_real_program_says_the_same_to_every_command()
    {
        Assert.SkipUnless(Tool.RealOnesAreInstalled, "qemu-utils is not installed");
        using var folder = TempFolder.InMemory();
        string[] commands =
        [
            "write -P 0xab 0 64k",
            "read -P 0xab 0 64k",
            "read -P 0xac 0 64k",
            "read -v 0 20",
            "write -z 64k 64k",
            "write -zu 64k 64k",
            "write -u 0 4k",
            "write -z -P 1 0 4k",
            "write -P 300 0 4k",
            "write -q 1 5",
            "write 2M 5",
            "write 0 3G",
            "write 0 abc",
            "write 0 9E",
            "write 0 1.5k",
            "writev -P 1 0 512 512",
            "readv -P 1 0 512 512",
            "read -P 1 -s 1 -l 2 0 4k",
            "read -s 1 0 4k",
            "read -P 1 -s 600 0 512",
            "discard 0 64k",
            "discard 0 2M",
            "map",
            "alloc 0 1M",
            "alloc 0",
            "alloc 2M 1",
            "alloc abc",
            "length",
            "truncate abc",
            "truncate 2M",
            "length",
            "info",
            "aio_write -u 0 4k",
            "aio_read 4M 4k",
            "aio_flush",
            "resume A",
            "break foo A",
            "remove_break A",
            "sleep abc",
            "sleep 1",
            "help quit",
            "close",
        ];
        var (ours, real) = (folder.File("ours.qcow2"), folder.File("real.qcow2"));
        foreach (var image in new[] { ours, real })
        {
            _ = ProgramRun.Of("qemu-img", "create", "-f", "qcow2", image, "1M").MustSucceed();
        }
        string[] arguments = [.. commands.SelectMany(static c => new[] { "-c", c })];
        var our = Tool.Ours("qemu-io", [.. arguments, ours]);
        var reference = ProgramRun.Of("qemu-io", [.. arguments, real]);
        Assert.Equal(Plain(reference.Output), Plain(our.Output));
        Assert.Equal(Plain(reference.Errors).Trim(), Plain(our.Errors).Trim());
        Assert.Equal(reference.ExitCode, our.ExitCode);
        _ = ProgramRun.Of("qemu-img", "compare", ours, real).MustSucceed();
        _ = ProgramRun.Of("qemu-img", "check", ours).MustSucceed();
    }

    [Theory]
    [InlineData("nosuch", "command \"nosuch\" not found\n")]
    [InlineData("length", "no file open, try 'help open'\n")]
    [InlineData("sleep", "bad argument count 0 to sleep, expected 1 arguments\n")]
    [InlineData("open -x a", "open: invalid option -- 'x'\n")]
    public void A_wrong_command_is_told_on_standard_error_and_fails(string command, string message)
    {
        var run = Tool.Ours("qemu-io", "-c", command);
        Assert.Equal((message, 1), (run.Errors, run.ExitCode));
    }

    [Fact]
    public void Writes_to_a_snapshot_leave_the_image_alone()
    {
        using var folder = TempFolder.InMemory();
        var file = folder.File("a.raw");
        File.WriteAllBytes(file, new byte[65536]);
        var run = Tool.Ours("qemu-io", "-s", "-f", "raw", "-c", "write -P 1 0 64k", "-c", "read -P 1 0 64k", file);
        Assert.Equal(0, run.ExitCode);
        Assert.False(File.ReadAllBytes(file).AsSpan().ContainsAnyExcept((byte)0));
    }

    [Fact]
    public void Help_lists_each_command_once()
    {
        var run = Tool.Ours("qemu-io", "-c", "help");
        Assert.All(Cli.Io.IoCommands.All, c => Assert.Contains($"{c.Name} ", run.Output, StringComparison.Ordinal));
    }

    // Times and rates differ from run to run.
    private static string Plain(string text) => Timing().Replace(text, "TIME");

    [GeneratedRegex(@"(\d+:\d\d:)?\d\d[.:]\d\d( sec)? \(.*\)|/tmp/\S*|\b(ours|real)\b")]
    private static partial Regex Timing();
}
