using Tidemark.Core.Errors;
using Tidemark.Testing;

namespace Tidemark.Io.Tests.Linux;

/// <summary>
/// The lock bytes of the real program: bytes 100 and up stand for what a process does with an image, bytes 200 and up for
/// what it does not let others do; +1 is writing.
/// </summary>
public sealed class LockInteropTests
{
    private const long WritesByte = 101;
    private const long ForbidsWritingByte = 201;

    [Fact]
    public void A_writer_that_is_the_real_daemon_is_noticed()
    {
        Assert.SkipUnless(RealQemu.IsInstalled, "qemu-utils and qemu-system are not installed");
        using var folder = TempFolder.OnDisk();
        var path = folder.File("disk.raw");
        File.WriteAllBytes(path, new byte[1 << 20]);
        using var daemon = RealQemu.Start("--blockdev", $"driver=file,node-name=disk,filename={path}");
        LoopTest.Run(async engine =>
        {
            await using var file = await engine.OpenFileAsync(path, new(Writable: true));
            Assert.Equal(IoStatus.Ok, file.TestExclusiveLock(WritesByte));
            daemon.Export("disk");
            Assert.Equal(IoStatus.Again, file.TestExclusiveLock(WritesByte));
            daemon.Unexport("disk");
            Assert.Equal(IoStatus.Ok, file.TestExclusiveLock(WritesByte));
        });
    }

    [Fact]
    public void The_real_program_does_not_write_what_we_forbid_to_write()
    {
        Assert.SkipUnless(RealQemu.IsInstalled, "qemu-utils and qemu-system are not installed");
        using var folder = TempFolder.OnDisk();
        var path = folder.File("disk.raw");
        File.WriteAllBytes(path, new byte[1 << 20]);
        LoopTest.Run(async engine =>
        {
            await using var file = await engine.OpenFileAsync(path, new(Writable: true));
            Assert.Equal(0, Write().ExitCode);
            Assert.Equal(IoStatus.Ok, file.SetSharedLock(ForbidsWritingByte, held: true));
            var refused = Write();
            Assert.NotEqual(0, refused.ExitCode);
            Assert.Contains("Failed to get \"write\" lock", refused.Errors, StringComparison.Ordinal);
            Assert.Equal(IoStatus.Ok, file.SetSharedLock(ForbidsWritingByte, held: false));
            Assert.Equal(0, Write().ExitCode);
        });

        ProgramRun Write() => ProgramRun.Of("qemu-io", "-f", "raw", "-c", "write 0 512", path);
    }
}
