using Tidemark.Testing;

namespace Tidemark.Interop.Tests;

/// <summary>convert -c beside the real program: either reads and checks what the other has packed, and both refuse the same.</summary>
public sealed class CompressionTests : IDisposable
{
    private readonly TempFolder folder = TempFolder.InMemory();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("cluster_size=512")]
    [InlineData("cluster_size=4k,refcount_bits=1")]
    [InlineData("cluster_size=64k")]
    [InlineData("cluster_size=64k,compression_type=zstd")]
    [InlineData("cluster_size=2M,refcount_bits=64")]
    [InlineData("compat=0.10")]
    public void Packed_images_go_to_and_fro(string options)
    {
        Assert.SkipUnless(ProgramRun.Exists("qemu-img"), "qemu-img is not installed");
        var source = folder.File("source.raw");
        System.IO.File.WriteAllBytes(source, Content(5_000_192));
        var (theirs, ours, back) = (folder.File("theirs.qcow2"), folder.File("ours.qcow2"), folder.File("back.qcow2"));
        string[] arguments = ["convert", "-c", "-f", "raw", "-O", "qcow2", "-o", options, source];
        _ = ProgramRun.Of("qemu-img", [.. arguments, theirs]).MustSucceed();
        _ = Ours.Img([.. arguments, ours]).MustSucceed();
        if (!options.Contains("=512", StringComparison.Ordinal))
        {
            // Of so small clusters, one may get smaller with one library and not with the other.
            Assert.Equal(Shape(theirs), Shape(ours));
        }
        _ = ProgramRun.Of("qemu-img", "compare", "-f", "raw", "-F", "qcow2", source, ours).MustSucceed();
        _ = Ours.Img("compare", "-f", "raw", "-F", "qcow2", source, theirs).MustSucceed();
        _ = Ours.Img("convert", "-c", "-m", "2", "-W", "-O", "qcow2", theirs, back).MustSucceed();
        _ = ProgramRun.Of("qemu-img", "compare", "-f", "raw", "-F", "qcow2", source, back).MustSucceed();
    }

    [Theory]
    [InlineData("-O", "raw")]
    [InlineData("-O", "qcow2", "-o", "preallocation=metadata")]
    [InlineData("-O", "qcow2", "-o", "preallocation=off")]
    [InlineData("-O", "qcow2", "-S", "0")]
    public void What_can_be_packed_is_the_same(params string[] options)
    {
        Assert.SkipUnless(ProgramRun.Exists("qemu-img"), "qemu-img is not installed");
        var source = folder.File("source.raw");
        System.IO.File.WriteAllBytes(source, Content(300_032));
        string[] arguments = ["convert", "-c", .. options, "-f", "raw", source, folder.File("target")];
        var real = ProgramRun.Of("qemu-img", arguments);
        System.IO.File.Delete(folder.File("target"));
        var mine = Ours.Img(arguments);
        Assert.Equal((real.ExitCode, real.Errors), (mine.ExitCode, mine.Errors));
    }

    // Text, rubbish and zeroes, one behind the other.
    private static byte[] Content(int size)
    {
        var random = new Random(5);
        var content = new byte[size];
        for (var at = 0; at < size; at += 50_000)
        {
            var part = content.AsSpan(at, Math.Min(50_000, size - at));
            if (random.Next(3) == 0)
            {
                random.NextBytes(part);
            }
            else if (random.Next(3) > 0)
            {
                for (var i = 0; i < part.Length; i++)
                {
                    part[i] = (byte)(i * i / 1000);
                }
            }
        }
        return content;
    }

    // Allocated, fragmented and compressed clusters, as check counts them.
    private static string Shape(string image) =>
        ProgramRun
            .Of("qemu-img", "check", "-f", "qcow2", image)
            .MustSucceed()
            .Output.Split('\n')
            .First(static line => line.Contains("compressed", StringComparison.Ordinal));
}
