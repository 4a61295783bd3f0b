using Tidemark.Testing;

namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>Command lines of machines that can't be: both programs refuse them, with the same words.</summary>
public sealed class MachineOptionTests
{
    private const string Image = "if=none,id=x,driver=null-co";

    public static TheoryData<string> Wrong =>
        [
            "-machine bogus",
            "-machine pc,foo=1",
            "-machine none -device virtio-blk-pci,drive=x",
            "-machine none -drive if=ide,driver=null-co",
            "-machine q35 -device floppy",
            "-machine q35 -device virtio-blk-pci,bus=pci.0",
            "-drive if=bogus,driver=null-co",
            "-drive if=scsi,driver=null-co",
            "-drive if=sd,driver=null-co",
            "-drive if=ide",
            "-drive if=virtio",
            "-drive if=ide,index=9,driver=null-co",
            "-drive if=ide,unit=5,driver=null-co",
            "-drive if=ide,index=0,driver=null-co -drive if=ide,index=0,driver=null-co",
            "-drive if=virtio,index=0,driver=null-co -drive if=virtio,index=0,driver=null-co",
            "-drive if=none,index=1,unit=2",
            "-drive if=none,bus=x",
            $"-drive {Image} -drive {Image}",
            $"-drive {Image},werror=foo",
            $"-drive {Image},rerror=enospc",
            "-drive if=floppy,driver=null-co,werror=stop",
            $"-drive {Image},media=foo",
            $"-drive {Image},readonly=maybe",
            $"-drive {Image},readonly=on,read-only=off",
            $"-drive {Image},cache=foo",
            $"-drive {Image},aio=foo",
            "-drive if=none,file=/etc/hostname,format=raw,readonly=on,aio=native",
            $"-drive {Image},discard=foo",
            $"-drive {Image},detect-zeroes=foo",
            $"-drive {Image},copy-on-read=foo",
            $"-drive {Image},format=raw",
            $"-drive {Image},foo=bar",
            $"-drive {Image},bps=5k",
            $"-drive {Image},bps=-1",
            $"-drive {Image},bps=5,throttling.bps-total=6",
            $"-drive {Image},throttling.bps-total=1,throttling.bps-read=1",
            "-drive if=none,id=x,format=qcow2",
            "-drive if=none,id=1x",
            "-drive if=none,id=x,file=nope.img",
            "-hda nope.img",
            "-device bogus",
            "-device drive=x",
            "-device virtio-blk-pci",
            "-device virtio-blk-pci,drive=nope",
            "-device virtio-blk-pci,drive=nope,bus=nope",
            "-device scsi-hd",
            "-device ide-cd,drive=nope",
            "-device qemu-xhci -device usb-storage",
            "-device virtio-scsi-pci,id=s -device virtio-scsi-pci,id=s",
            $"-drive {Image} -device virtio-blk-pci,drive=x,id=1x",
            $"-drive {Image} -device virtio-blk-pci,drive=x,foo=1",
            $"-drive {Image} -device virtio-blk-pci,drive=x,werror=foo",
            $"-drive {Image} -device virtio-blk-pci,drive=x,logical_block_size=100",
            $"-drive {Image} -device virtio-blk-pci,drive=x,logical_block_size=4096",
            $"-drive {Image} -device virtio-blk-pci,drive=x -device virtio-blk-pci,drive=x",
            $"-drive {Image} -device ide-hd,drive=x,unit=3",
            $"-drive {Image} -device ide-hd,drive=x,bus=ide.5",
            $"-drive {Image},readonly=on -device ide-hd,drive=x",
            $"-drive {Image} -device nvme,drive=x",
            $$"""-drive {{Image}} -device {"driver":"virtio-blk-pci","drive":"x","share-rw":"on"}""",
            $$"""-drive {{Image}} -device {"driver":"virtio-blk-pci","drive":"x","bootindex":"1"}""",
            "-drive if=none,id=e -device virtio-blk-pci,drive=e",
            "-device ide-cd,unit=1 -device ide-cd,bus=ide.1,unit=1",
        ];

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Both_refuse_with_the_same_words(string options)
    {
        string[] words = ["-nodefaults", "-display", "none", "-S", "-monitor", "none", .. options.Split(' ')];
        var expected = ProgramRun.Of("qemu-system-x86_64", words);
        var found = ProgramRun.Of(Ours.Program("qemu-system-x86_64"), words);
        Assert.NotEqual(0, expected.ExitCode);
        Assert.Equal($"{expected.ExitCode} {expected.Errors}", $"{found.ExitCode} {found.Errors}");
    }

    [Fact]
    public void A_drive_whose_temporary_image_can_not_be_made_is_refused()
    {
        var command = $"TMPDIR=/nowhere {Ours.Program("qemu-system-x86_64")} -S -drive if=none,driver=null-co,snapshot=on";
        var run = ProgramRun.Of("bash", "-c", command);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("snapshot=on: Could not create '/nowhere/vl.", run.Errors, StringComparison.Ordinal);
        Assert.EndsWith(": No such file or directory", run.Errors.Trim(), StringComparison.Ordinal);
    }
}
