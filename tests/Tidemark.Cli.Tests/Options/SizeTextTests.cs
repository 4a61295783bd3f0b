using Tidemark.Cli.Io;
using Tidemark.Cli.Options;

namespace Tidemark.Cli.Tests.Options;

public sealed class SizeTextTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(512, "512 B")]
    [InlineData(1000, "0.977 KiB")]
    [InlineData(65536, "64 KiB")]
    [InlineData(1610612736, "1.5 GiB")]
    public void Info_shows_three_digits(long bytes, string text) => Assert.Equal(text, SizeText.Of(bytes));

    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(1023, "1023 bytes")]
    [InlineData(1536, "1.500 KiB")]
    [InlineData(1048576, "1 MiB")]
    public void Qemu_io_shows_three_decimals_or_none(long bytes, string text) => Assert.Equal(text, IoText.Size(bytes));
}
