using Tidemark.Testing;

namespace Tidemark.Interop.Tests;

/// <summary>Clients that neither we nor QEMU wrote, on an export of ours.</summary>
public sealed class ForeignClientTests
{
    [Theory]
    [InlineData("raw")]
    [InlineData("qcow2")]
    public void Fio_reads_back_what_it_wrote(string format)
    {
        using var folder = TempFolder.InMemory();
        using var daemon = Serve(folder, format, 64 << 20);
        var run = ProgramRun.Of(
            "fio",
            "--name=verify",
            "--ioengine=nbd",
            $"--uri={daemon.NbdUri("d")}",
            "--rw=randrw",
            "--bsrange=512-128k",
            "--blockalign=512",
            "--size=64m",
            "--io_size=64m",
            "--iodepth=16",
            "--verify=crc32c",
            "--verify_fatal=1",
            "--randseed=7",
            "--output-format=terse"
        );
        Assert.True(run.ExitCode == 0, run.ToString());
        Assert.Equal(0, daemon.Quit());
        _ = ProgramRun.Of("qemu-img", format == "raw" ? "info" : "check", folder.File("disk")).MustSucceed();
    }

    [Theory]
    [InlineData("raw")]
    [InlineData("qcow2")]
    public void Nbdcopy_brings_an_image_in_and_out_again_unchanged(string format)
    {
        const int Size = 24 << 20;
        using var folder = TempFolder.InMemory();
        using var daemon = Serve(folder, format, Size);
        var (source, copy) = (folder.File("in"), folder.File("out"));
        var content = new byte[Size];
        new Random(3).NextBytes(content.AsSpan(1 << 20, 5 << 20));
        File.WriteAllBytes(source, content);
        _ = ProgramRun.Of("nbdcopy", source, daemon.NbdUri("d")).MustSucceed();
        _ = ProgramRun.Of("nbdcopy", daemon.NbdUri("d"), copy).MustSucceed();
        Assert.True(content.AsSpan().SequenceEqual(File.ReadAllBytes(copy)));
    }

    private static RealQemu Serve(TempFolder folder, string format, int size)
    {
        var disk = folder.File("disk");
        _ = ProgramRun.Of("qemu-img", "create", "-q", "-f", format, disk, $"{size}").MustSucceed();
        var daemon = Ours.StartDaemon("--blockdev", $"{format},node-name=d,file.driver=file,file.filename={disk}");
        daemon.Export("d");
        return daemon;
    }
}
