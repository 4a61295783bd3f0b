using Tidemark.Core.Json;
using Tidemark.Testing;

namespace Tidemark.Drivers.Tests.Qcow2;

/// <summary>The same options give the same bytes as the real program's.</summary>
public sealed class CreateAgainstRealTests
{
    private static readonly bool HasQemu = ProgramRun.Exists("qemu-img");

    [Theory]
    [InlineData("1M", "")]
    [InlineData("0", "")]
    [InlineData("1000", "")]
    [InlineData("64M", "compat=0.10")]
    [InlineData("64M", "lazy_refcounts=on")]
    [InlineData("64M", "compression_type=zstd")]
    [InlineData("4M", "cluster_size=512")]
    [InlineData("4G", "cluster_size=512")]
    [InlineData("1T", "cluster_size=2097152,refcount_bits=64")]
    [InlineData("1M", "refcount_bits=1")]
    [InlineData("1M", "preallocation=metadata")]
    [InlineData("1M", "preallocation=falloc")]
    [InlineData("1M", "preallocation=full")]
    [InlineData("2100000", "preallocation=metadata,cluster_size=1024,refcount_bits=64")]
    [InlineData("4M", "preallocation=metadata,cluster_size=512")]
    [InlineData("4M", "preallocation=falloc,cluster_size=512")]
    [InlineData("64M", "preallocation=metadata,cluster_size=4096")]
    [InlineData("64M", "preallocation=falloc,cluster_size=4096,refcount_bits=2")]
    [InlineData("20G", "preallocation=metadata,cluster_size=2097152")]
    [InlineData("3G", "preallocation=metadata")]
    [InlineData("1M", "backing_file=base.qcow2,backing_fmt=qcow2")]
    [InlineData("1M", "backing_file=base.qcow2,backing_fmt=qcow2,compat=0.10")]
    public void An_image_is_made_byte_for_byte_like_the_real_one(string size, string options)
    {
        Assert.SkipUnless(HasQemu, "qemu-img is not installed");
        using var folder = TempFolder.InMemory();
        _ = ProgramRun.Of("qemu-img", "create", "-q", "-f", "qcow2", folder.File("base.qcow2"), "1M").MustSucceed();
        string[] passed = options.Length == 0 ? [] : ["-o", options];
        _ = ProgramRun.Of("qemu-img", ["create", "-q", "-f", "qcow2", .. passed, folder.File("real.qcow2"), size]).MustSucceed();
        ImageWorld.Run(async world =>
        {
            await world.CreateAsync(folder.File("ours.qcow2"), Bytes(size), Split(options));
        });
        AssertSameBytes(folder.File("real.qcow2"), folder.File("ours.qcow2"));
    }

    private static long Bytes(string size) =>
        size[^1] switch
        {
            'M' => long.Parse(size[..^1]) << 20,
            'G' => long.Parse(size[..^1]) << 30,
            'T' => long.Parse(size[..^1]) << 40,
            _ => long.Parse(size),
        };

    private static (string, JsonValue)[] Split(string options) =>
        [
            .. options
                .Split(',', StringSplitOptions.RemoveEmptyEntries)
                .Select(static o => o.Split('='))
                .Select(static o => (o[0], (JsonValue)new JsonString(o[1]))),
        ];

    private static void AssertSameBytes(string expected, string actual)
    {
        using var left = System.IO.File.OpenRead(expected);
        using var right = System.IO.File.OpenRead(actual);
        Assert.Equal(left.Length, right.Length);
        var (a, b) = (new byte[1 << 20], new byte[1 << 20]);
        for (long at = 0; at < left.Length; at += a.Length)
        {
            var length = (int)Math.Min(a.Length, left.Length - at);
            left.ReadExactly(a, 0, length);
            right.ReadExactly(b, 0, length);
            var same = a.AsSpan(0, length).CommonPrefixLength(b.AsSpan(0, length));
            Assert.True(same == length, $"first difference at byte {at + same:#,0}");
        }
    }
}
