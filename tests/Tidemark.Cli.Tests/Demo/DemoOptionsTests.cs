using Tidemark.Cli.Demo;

namespace Tidemark.Cli.Tests.Demo;

public sealed class DemoOptionsTests
{
    [Fact]
    public void Without_arguments_the_disk_has_one_gibibyte()
    {
        var options = DemoOptions.Parse([], out var error);
        Assert.Null(error);
        Assert.Equal(new DemoOptions(Path.GetFullPath("demo-data"), 1L << 30, 1), options);
    }

    [Theory]
    [InlineData("--size", "100")]
    [InlineData("--size", "0")]
    [InlineData("--size", "1000")]
    [InlineData("--size", "-256")]
    [InlineData("--size")]
    [InlineData("--seed", "x")]
    [InlineData("--folder", "")]
    [InlineData("--frobnicate", "1")]
    public void What_makes_no_sense_is_refused_with_a_reason(params string[] arguments)
    {
        Assert.Null(DemoOptions.Parse(arguments, out var error));
        Assert.NotNull(error);
    }
}
