using System.Diagnostics;
using System.Text;
using Tidemark.Testing;

namespace Tidemark.Qmp.Tests.Wire;

/// <summary>The same bytes to the real daemon and to us: every reply must be the same.</summary>
public sealed class LiveParserTests
{
    [Fact]
    public void Malformed_requests_are_answered_as_the_real_daemon_answers_them()
    {
        Assert.SkipUnless(RealQemu.IsInstalled, "qemu-storage-daemon is not installed");
        const int seed = 1234;
        const int rounds = 400;
        var random = new Random(seed);
        var cases = Enumerable.Range(0, rounds).Select(_ => RandomInput(random)).ToList();
        var input = new List<byte>();
        input.AddRange("{'execute':'qmp_capabilities'}\n"u8);
        for (var i = 0; i < rounds; i++)
        {
            input.AddRange(cases[i]);
            // 0xFF ends whatever was open; the marks let a difference be found.
            input.AddRange([0xFF, (byte)'\n']);
            input.AddRange(Encoding.ASCII.GetBytes($"{{'id':{i}}}\n"));
        }
        input.AddRange("{'execute':'quit'}\n"u8);
        var theirs = AskRealDaemon([.. input]);
        string[] ours = [];
        LoopTest.RunLoop(async () =>
        {
            await using var server = new TestServer(new Random(seed));
            await server.Client.SendAsync(input.ToArray());
            server.Client.CloseSending();
            ours = await server.FinishAsync();
        });
        for (var i = 1; i < Math.Max(ours.Length, theirs.Length); i++)
        {
            var (mine, other) = (i < ours.Length ? ours[i] : "(end)", i < theirs.Length ? theirs[i] : "(end)");
            Assert.True(mine == other, $"seed {seed}, line {i}:\nwe   {mine}\nthey {other}\nafter {theirs[i - 1]}");
        }
    }

    private static byte[] RandomInput(Random random)
    {
        string[] words =
        [
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            " ",
            "\n",
            "\t",
            "'id'",
            "\"a\"",
            "'b\\u00e9'",
            "'\\ud83d\\ude00'",
            "'\\ud800'",
            "'\\x'",
            "1",
            "-1",
            "0",
            "01",
            "1.5",
            "1e5",
            "1e",
            "-",
            "18446744073709551616",
            "true",
            "false",
            "null",
            "nul",
            "x",
            "@",
            "%d",
            "'",
            "\"",
            "\\",
            "\"\\u12\"",
            "{'id':",
            "'id':{'a':[1,2]}}",
            "'arguments':{}",
            "'execute':5",
            "'execute':[]",
            "\u00e9",
            "'\u00e9\uffff'",
            "\u0001",
            "\u007f",
        ];
        var bytes = new List<byte>();
        for (var i = random.Next(10); i >= 0; i--)
        {
            bytes.AddRange(Encoding.UTF8.GetBytes(words[random.Next(words.Length)]));
            if (random.Next(12) == 0)
            {
                bytes.Add((byte)random.Next(1, 256));
            }
        }
        return [.. bytes];
    }

    private static string[] AskRealDaemon(byte[] input)
    {
        var start = new ProcessStartInfo("qemu-storage-daemon", ["--chardev", "stdio,id=m", "--monitor", "chardev=m"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("no daemon");
        var output = new StreamReader(process.StandardOutput.BaseStream, Encoding.UTF8);
        var writer = new Thread(() =>
        {
            process.StandardInput.BaseStream.Write(input);
            process.StandardInput.BaseStream.Flush();
        });
        writer.Start();
        var text = output.ReadToEnd();
        writer.Join();
        process.WaitForExit();
        return text.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
    }
}
