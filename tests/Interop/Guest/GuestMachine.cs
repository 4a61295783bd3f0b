using System.Diagnostics;
using Tidemark.Testing;

namespace Tidemark.Interop.Tests.Guest;

/// <summary>
/// A Linux kernel under emulation whose disk is an NBD export. It writes and syncs files for ever, see "init" beside this file, and
/// tells of each round on its console.
/// </summary>
internal sealed class GuestMachine : IDisposable
{
    private const int TimeLimitMs = 120_000;
    private readonly Process process;
    private readonly Lock gate = new();
    private readonly List<string> console = [];
    private int rounds;

    /// <summary>Boots it; <paramref name="disk"/> is the URI of an export that holds an ext4 file system.</summary>
    public GuestMachine(string disk)
    {
        string[] arguments =
        [
            .. "-accel tcg -m 192 -display none -monitor none -serial stdio -no-reboot".Split(' '),
            "-kernel",
            File("vmlinuz"),
            "-initrd",
            File("initramfs"),
            "-append",
            "console=ttyS0 quiet panic=-1",
            "-drive",
            $"file={disk},if=virtio,format=raw",
        ];
        var start = new ProcessStartInfo("qemu-system-x86_64", arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        process = Process.Start(start) ?? throw new InvalidOperationException("no guest");
        process.OutputDataReceived += (_, line) => OnLine(line.Data);
        process.ErrorDataReceived += (_, line) => OnLine(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Whether the kernel was fetched and the emulator is installed.</summary>
    public static bool IsInstalled { get; } = System.IO.File.Exists(File("initramfs")) && ProgramRun.Exists("qemu-system-x86_64");

    /// <summary>Rounds that it has told of.</summary>
    public int Rounds => Volatile.Read(ref rounds);

    /// <summary>Waits until it has done <paramref name="more"/> rounds from now on, and returns the number of the last.</summary>
    public int AwaitRounds(int more)
    {
        var goal = Rounds + more;
        var clock = Stopwatch.StartNew();
        while (Rounds < goal)
        {
            if (process.HasExited || clock.ElapsedMilliseconds > TimeLimitMs)
            {
                lock (gate)
                {
                    throw new InvalidOperationException($"the guest is stuck:\n{string.Join('\n', console.TakeLast(30))}");
                }
            }
            Thread.Sleep(20);
        }
        return Rounds;
    }

    /// <summary>Pulls its plug.</summary>
    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
            process.WaitForExit();
        }
        process.Dispose();
    }

    private static string File(string name) =>
        Path.Combine(Environment.GetEnvironmentVariable("TIDEMARK_HOME") ?? Home(), "artifacts", "guest", name);

    private static string Home()
    {
        var folder = AppContext.BaseDirectory;
        while (!System.IO.File.Exists(Path.Combine(folder, "Tidemark.slnx")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("no solution above the tests");
        }
        return folder;
    }

    private void OnLine(string? line)
    {
        if (line is null)
        {
            return;
        }
        lock (gate)
        {
            console.Add(line);
        }
        if (line.IndexOf("GUEST-ROUND ", StringComparison.Ordinal) is >= 0 and var at)
        {
            Volatile.Write(ref rounds, int.Parse(line[(at + "GUEST-ROUND ".Length)..].Trim()));
        }
    }
}
