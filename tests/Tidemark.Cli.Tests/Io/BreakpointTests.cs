using System.Text.RegularExpressions;
using Tidemark.Testing;

namespace Tidemark.Cli.Tests.Io;

/// <summary>break, wait_break, resume and remove_break: requests held at events of blkdebug.</summary>
[Collection(nameof(OneAtATime))]
public sealed partial class BreakpointTests
{
    // Whether two requests under way end in the one or the other order is no matter; so each of these waits before it goes on.
    public static TheoryData<string, string[]> Dialogues() =>
        new()
        {
            {
                "qcow2",
                ["break write_aio A", "aio_write 0 64k", "wait_break A", "resume A", "aio_flush", "write 0 64k", "remove_break A"]
            },
            { "qcow2", ["break foo A", "resume A", "remove_break A", "break write_aio A", "remove_break A", "write 0 64k"] },
            {
                "qcow2",
                ["break write_aio A", "break write_aio B", "aio_write 0 64k", "wait_break A", "resume A", "resume B", "aio_flush"]
            },
            { "qcow2", ["break write_aio A", "aio_write 0 64k", "wait_break A", "remove_break A", "aio_flush"] },
            {
                "qcow2",
                [
                    "break write_aio A",
                    "aio_write 0 64k",
                    "wait_break A",
                    "read 64k 64k",
                    "write 128k 64k",
                    "flush",
                    "write -P 7 0 4k",
                    "resume A",
                    "aio_flush",
                    "read -P 0xcd 0 64k",
                ]
            },
            { "qcow2", ["break l2_load A", "aio_read 0 64k", "wait_break A", "resume A", "aio_flush"] },
            {
                "qcow2",
                [
                    "break write_aio A",
                    "aio_write 0 64k",
                    "wait_break A",
                    "break pwritev_done B",
                    "resume A",
                    "wait_break B",
                    "resume B",
                    "aio_flush",
                ]
            },
            { "qcow2", ["break cluster_alloc A", "aio_write 900k 1k", "wait_break A", "resume A", "aio_flush"] },
            { "qcow2", ["break flush_to_os A", "aio_write 0 4k", "wait_break A", "resume A", "aio_flush"] },
            {
                "raw",
                [
                    "break pwritev A",
                    "aio_write -P 1 0 64k",
                    "wait_break A",
                    "break pwritev A",
                    "aio_write -P 2 64k 64k",
                    "sleep 100",
                    "resume A",
                    "sleep 100",
                    "length",
                    "resume A",
                    "aio_flush",
                ]
            },
        };

    [Theory]
    [MemberData(nameof(Dialogues))]
    public void The_real_program_holds_and_lets_go_in_the_same_way(string format, string[] commands)
    {
        Assert.SkipUnless(Tool.RealOnesAreInstalled, "qemu-utils is not installed");
        using var folder = TempFolder.InMemory();
        var real = Talk(folder, format, commands, static arguments => ProgramRun.Of("qemu-io", arguments));
        var ours = Talk(folder, format, commands, static arguments => Tool.Ours("qemu-io", arguments));
        Assert.Equal(real, ours);
    }

    [Theory]
    [InlineData("close")]
    [InlineData("aio_flush")]
    [InlineData("quit")]
    [InlineData("reopen")]
    public void What_is_held_is_let_go_when_its_end_is_waited_for(string command)
    {
        using var folder = TempFolder.InMemory();
        string[] commands = ["break write_aio A", "break pwritev_done A", "aio_write 0 64k", "wait_break A", command];
        var said = Talk(folder, "qcow2", commands, static arguments => Tool.Ours("qemu-io", arguments));
        Assert.Equal(
            "blkdebug: Suspended request 'A'\nblkdebug: Resuming request 'A'\nwrote 65536/65536 bytes at offset 0\n\nexit code 0",
            said
        );
    }

    [Fact]
    public void Waiting_for_what_can_not_come_ends()
    {
        using var folder = TempFolder.InMemory();
        var said = Talk(folder, "qcow2", ["wait_break A"], static arguments => Tool.Ours("qemu-io", arguments));
        Assert.Equal("Could not wait for breakpoint A: no request is under way\n\nexit code 1", said);
    }

    private static string Talk(TempFolder folder, string format, string[] commands, Func<string[], ProgramRun> run)
    {
        var image = folder.File("a");
        System.IO.File.Delete(image);
        _ = Tool.Ours("qemu-img", "create", "-q", "-f", format, image, "1M").MustSucceed();
        if (format == "qcow2")
        {
            _ = Tool.Ours("qemu-io", "-f", format, "-c", "write 0 256k", "-c", "write -z 640k 64k", image).MustSucceed();
        }
        var said = run([.. commands.SelectMany(static c => new[] { "-c", c }), "-f", format, $"blkdebug::{image}"]);
        return Rates().Replace(said.Output, "") + said.Errors.Trim() + $"\nexit code {said.ExitCode}";
    }

    [GeneratedRegex("^.* ops;.*\n", RegexOptions.Multiline)]
    private static partial Regex Rates();
}
