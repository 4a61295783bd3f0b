using System.Diagnostics;
using Tidemark.Testing;

namespace Tidemark.Drivers.Tests.NbdClient;

/// <summary>A real qemu-nbd on a unix socket, which can be killed and started again.</summary>
internal sealed class NbdServerProcess : IDisposable
{
    private readonly TempFolder folder = TempFolder.InMemory();
    private readonly string[] options;
    private Process? process;

    public NbdServerProcess(long size, params string[] options)
    {
        this.options = options;
        Image = folder.File("image");
        using (var file = System.IO.File.Create(Image))
        {
            file.SetLength(size);
        }
        Start();
    }

    public static bool CanRun { get; } = ProgramRun.Exists("qemu-nbd") && ProgramRun.Exists("qemu-io");

    public string Image { get; }

    public string Socket => folder.File("nbd");

    public string Options(string more = "") =>
        $$"""{"driver": "nbd", "node-name": "n", "server": {"type": "unix", "path": "{{Socket}}"} {{more}}}""";

    public void Start()
    {
        process = Process.Start("qemu-nbd", ["-t", "-f", "raw", "-k", Socket, "-e", "8", .. options, Image]);
        while (!System.IO.File.Exists(Socket))
        {
            Assert.False(process.WaitForExit(10));
        }
    }

    public void Kill()
    {
        process!.Kill(); // Start has run
        process.WaitForExit();
        process.Dispose();
        process = null;
        System.IO.File.Delete(Socket);
    }

    public void Dispose()
    {
        if (process is not null)
        {
            Kill();
        }
        folder.Dispose();
    }
}
