using Tidemark.Cli.Options;
using Tidemark.Testing;

namespace Tidemark.Cli.Tests.Options;

[Collection(nameof(OneAtATime))]
public sealed class SizeParserTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("512", 512)]
    [InlineData("1k", 1024)]
    [InlineData("1.5M", 1572864)]
    [InlineData("0x10", 16)]
    [InlineData("7E", 8070450532247928832)]
    [InlineData("100b", 100)]
    [InlineData("1.k", 1024)]
    [InlineData(" +5", 5)]
    public void Sizes_are_read(string text, long bytes)
    {
        Assert.Equal(SizeParser.Fault.None, SizeParser.TryParse(text, out var read));
        Assert.Equal(bytes, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("k")]
    [InlineData("1kk")]
    [InlineData("1.2.3")]
    [InlineData("64MB")]
    [InlineData("0x")]
    [InlineData("1x")]
    [InlineData("-1")]
    [InlineData(".5M")]
    [InlineData("1k ")]
    public void What_is_no_size_is_refused(string text) =>
        Assert.Equal(SizeParser.Fault.Malformed, SizeParser.TryParse(text, out _));

    [Theory]
    [InlineData("8E")]
    [InlineData("9223372036854775808")]
    [InlineData("0xffffffffffffffff")]
    public void Sizes_beyond_the_range_are_told_apart(string text) =>
        Assert.Equal(SizeParser.Fault.OutOfRange, SizeParser.TryParse(text, out _));

    [Fact]
    public void The_real_program_reads_sizes_alike()
    {
        Assert.SkipUnless(Tool.RealOnesAreInstalled, "qemu-utils is not installed");
        using var folder = TempFolder.InMemory();
        var file = folder.File("a.raw");
        foreach (
            var size in (string[])
                ["512", "1k", "1.5k", "0x400", "1M", "1.25M", "3b", "1kk", "k", "64MB", "9E", "-1", "1e3", ".5M"]
        )
        {
            Tool.MustAgree("qemu-img", "create", "-f", "raw", "--", file, size);
        }
    }
}
