using Tidemark.Cli.Options;

namespace Tidemark.Cli.Tests.Options;

public sealed class OptionParserTests
{
    private static readonly OptionParser Own = OptionParser.Of("h|help", "f|format=", "q|quiet", "output=", "object=", "p");

    private static readonly OptionParser Library = new(
        OptionWording.Library,
        [.. new[] { "c|cmd=", "cache=", "r|read-only" }.Select(OptionSpec.Describe)]
    );

    [Fact]
    public void Values_stand_apart_or_joined_and_operands_anywhere()
    {
        var parsed = Own.Parse(["a", "-fraw", "--output=json", "b", "-f", "qcow2", "-qp", "--", "-q"]);
        Assert.Equal(["a", "b", "-q"], parsed.Operands);
        Assert.Equal("qcow2", parsed.Get("format"));
        Assert.Equal(["raw", "qcow2"], parsed.All("format"));
        Assert.Equal("json", parsed.Get("output"));
        Assert.True(parsed.Has("quiet") && parsed.Has("p"));
    }

    [Fact]
    public void A_long_name_may_be_cut_short_where_it_is_clear() => Assert.True(Own.Parse(["--qui"]).Has("quiet"));

    [Theory]
    [InlineData("--o=x", "unrecognized option '--o=x'")]
    [InlineData("-x", "unrecognized option '-x'")]
    [InlineData("--quiet=1", "unrecognized option '--quiet=1'")]
    [InlineData("-f", "missing argument for option '-f'")]
    [InlineData("--output", "missing argument for option '--output'")]
    public void Qemu_img_words_mistakes_in_its_own_way(string argument, string message) =>
        Assert.Equal(message, Assert.Throws<UsageException>(() => Own.Parse([argument])).Message);

    [Theory]
    [InlineData("--nope", "unrecognized option '--nope'")]
    [InlineData("-x", "invalid option -- 'x'")]
    [InlineData("-c", "option requires an argument -- 'c'")]
    [InlineData("--cmd", "option '--cmd' requires an argument")]
    [InlineData("--read-only=1", "option '--read-only' doesn't allow an argument")]
    [InlineData("--c", "option '--c' is ambiguous; possibilities: '--cmd' '--cache'")]
    public void Other_tools_word_mistakes_as_the_C_library_does(string argument, string message) =>
        Assert.Equal(message, Assert.Throws<UsageException>(() => Library.Parse([argument])).Message);

    [Fact]
    public void Options_remember_how_they_were_typed() =>
        Assert.Equal(
            ["-c a", "--cmd=b", "--cm c"],
            Library.Parse(["-c", "a", "--cmd=b", "--cm", "c"]).InOrder.Select(static o => o.Typed)
        );
}
