using Tidemark.Testing;

namespace Tidemark.Cli.Tests.Img;

[Collection(nameof(OneAtATime))]
public sealed class ImgCommandTests
{
    [Fact]
    public void Info_check_map_and_compare_print_what_the_real_program_prints()
    {
        Assert.SkipUnless(Tool.RealOnesAreInstalled, "qemu-utils is not installed");
        using var folder = TempFolder.InMemory();
        var (low, top) = (folder.File("low.qcow2"), folder.File("top.qcow2"));
        Real("qemu-img", "create", "-q", "-f", "qcow2", low, "8M");
        Real("qemu-io", "-c", "write -P 1 0 64k", "-c", "write -P 2 1M 200k", "-c", "write -z 2M 64k", low);
        Real("qemu-img", "create", "-q", "-f", "qcow2", "-b", low, "-F", "qcow2", top);
        Real("qemu-io", "-c", "write -P 7 0 4k", top);
        Real("qemu-img", "bitmap", "--add", "-g", "4k", top, "b0");
        foreach (var image in new[] { low, top })
        {
            Tool.MustAgree("qemu-img", "info", image);
            Tool.MustAgree("qemu-img", "info", "--output=json", "--backing-chain", image);
            Tool.MustAgree("qemu-img", "check", image);
            Tool.MustAgree("qemu-img", "check", "--output=json", image);
            Tool.MustAgree("qemu-img", "map", image);
            Tool.MustAgree("qemu-img", "map", "--output=json", image);
        }
        Tool.MustAgree("qemu-img", "compare", low, top);
        Tool.MustAgree("qemu-img", "compare", "-s", low, low);
        Tool.MustAgree("qemu-img", "info", folder.File("missing"));
        Tool.MustAgree("qemu-img", "check", "-r", "sideways", low);
    }

    [Theory]
    [InlineData("-O", "qcow2")]
    [InlineData("-O", "qcow2", "-o", "cluster_size=4k,refcount_bits=1")]
    [InlineData("-O", "qcow2", "-S", "0")]
    [InlineData("-O", "qcow2", "-m", "16")]
    [InlineData("-O", "qcow2", "--bitmaps")]
    public void A_converted_image_is_the_real_programs_byte_for_byte(params string[] options)
    {
        Assert.SkipUnless(Tool.RealOnesAreInstalled, "qemu-utils is not installed");
        using var folder = TempFolder.InMemory();
        var (source, ours, real) = (folder.File("source"), folder.File("ours"), folder.File("real"));
        Real("qemu-img", "create", "-q", "-f", "qcow2", source, "64M");
        foreach (var megabyte in new[] { 1, 5, 9, 17, 33, 60 })
        {
            Real(
                "qemu-io",
                "-c",
                $"write -P {megabyte} {megabyte}M 300k",
                "-c",
                $"write -P 7 {(megabyte * 1000) + 777}k 3k",
                source
            );
        }
        Real("qemu-io", "-c", "write -P 9 20M 9M", source);
        Real("qemu-img", "bitmap", "--add", source, "one");
        Real("qemu-img", "bitmap", "--add", "--disable", "-g", "4k", source, "two");
        Real("qemu-img", ["convert", .. options, source, real]);
        var run = Tool.Ours("qemu-img", ["convert", .. options, source, ours]);
        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.True(File.ReadAllBytes(real).AsSpan().SequenceEqual(File.ReadAllBytes(ours)), "the images differ");
    }

    [Theory]
    [InlineData("qcow2")]
    [InlineData("raw")]
    public void A_converted_image_is_identical_and_sound(string format)
    {
        Assert.SkipUnless(Tool.RealOnesAreInstalled, "qemu-utils is not installed");
        using var folder = TempFolder.InMemory();
        var (source, target) = (folder.File("source"), folder.File("target"));
        Real("qemu-img", "create", "-q", "-f", "qcow2", source, "16M");
        Real("qemu-io", "-c", "write -P 1 3k 70k", "-c", "write -P 2 5M 3M", "-c", "write -z 6M 64k", source);
        foreach (
            var options in (string[][])
                [
                    [],
                    ["-S", "0"],
                    ["-m", "1"],
                    ["-W"],
                    ["-p"],
                ]
        )
        {
            var run = Tool.Ours("qemu-img", ["convert", "-O", format, .. options, source, target]);
            Assert.Equal((0, ""), (run.ExitCode, run.Errors));
            Real("qemu-img", "compare", "-F", format, source, target);
        }
        Real("qemu-img", "check", "-f", "qcow2", source);
    }

    [Fact]
    public void Converting_into_an_image_that_is_there_overwrites_what_it_holds()
    {
        Assert.SkipUnless(Tool.RealOnesAreInstalled, "qemu-utils is not installed");
        using var folder = TempFolder.InMemory();
        var (source, target) = (folder.File("source"), folder.File("target"));
        Real("qemu-img", "create", "-q", "-f", "qcow2", source, "4M");
        Real("qemu-img", "create", "-q", "-f", "qcow2", target, "4M");
        Real("qemu-io", "-c", "write -P 9 0 4M", target);
        Real("qemu-io", "-c", "write -P 1 64k 3k", source);
        Assert.Equal(0, Tool.Ours("qemu-img", "convert", "-n", "-O", "qcow2", source, target).ExitCode);
        Real("qemu-img", "compare", source, target);
        Real("qemu-img", "check", target);
    }

    [Fact]
    public void A_shrinking_size_is_no_option()
    {
        using var folder = TempFolder.InMemory();
        var file = folder.File("a.raw");
        File.WriteAllBytes(file, new byte[3 << 20]);
        Assert.Equal(0, Tool.Ours("qemu-img", "resize", "-f", "raw", "--shrink", file, "-1M").ExitCode);
        Assert.Equal(2 << 20, new FileInfo(file).Length);
    }

    private static void Real(string program, params string[] arguments) => _ = ProgramRun.Of(program, arguments).MustSucceed();

    [Theory]
    [InlineData("map")]
    [InlineData("check")]
    public void A_damaged_mapping_is_told_in_the_same_words(string command)
    {
        Assert.SkipUnless(Tool.RealOnesAreInstalled, "qemu-utils is not installed");
        using var folder = TempFolder.InMemory();
        var image = folder.File("a.qcow2");
        _ = Tool.Ours("qemu-img", "create", "-q", "-f", "qcow2", image, "1M").MustSucceed();
        _ = Tool.Ours("qemu-io", "-f", "qcow2", "-c", "write 0 64k", image).MustSucceed();
        var bytes = File.ReadAllBytes(image);
        var table = (int)(ReadEntry(bytes, (int)ReadEntry(bytes, 40)) & 0xff_ffff_ffff_fe00);
        // The first data cluster does not begin at a cluster.
        bytes[table + 6] |= 2;
        File.WriteAllBytes(image, bytes);
        Tool.MustAgree("qemu-img", command, image);

        static long ReadEntry(byte[] bytes, int offset) =>
            System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(offset));
    }
}
