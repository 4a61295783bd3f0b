using Tidemark.Core.Errors;
using Tidemark.Core.Schema;

namespace Tidemark.Core.Tests.Schema;

public sealed class KeyvalParserTests
{
    [Theory]
    [InlineData("", "{}")]
    [InlineData("null-co", "{\"driver\": \"null-co\"}")]
    [InlineData("null-co,", "{\"driver\": \"null-co\"}")]
    [InlineData("driver=a,node-name=b,node-name=c", "{\"driver\": \"a\", \"node-name\": \"c\"}")]
    [InlineData("x,node-name=a,,b,y=1", "{\"driver\": \"x\", \"node-name\": \"a,b\", \"y\": \"1\"}")]
    [InlineData("x,y=", "{\"driver\": \"x\", \"y\": \"\"}")]
    [InlineData("x,y=a=b", "{\"driver\": \"x\", \"y\": \"a=b\"}")]
    [InlineData("x,c.d=on,c.e.f=1", "{\"driver\": \"x\", \"c\": {\"d\": \"on\", \"e\": {\"f\": \"1\"}}}")]
    [InlineData("x,c.1=b,c.0.q=a", "{\"driver\": \"x\", \"c\": [{\"q\": \"a\"}, \"b\"]}")]
    public void Options_become_objects_and_lists(string text, string json) =>
        Assert.Equal(json, KeyvalParser.Parse(text, "driver").ToJson());

    [Theory]
    [InlineData("x,x", "Expected '=' after parameter 'x'")]
    [InlineData("x,=5", "Invalid parameter ''")]
    [InlineData(",x", "Invalid parameter ''")]
    [InlineData("x,a..b=5", "Invalid parameter 'a..b'")]
    [InlineData("x,.a=5", "Invalid parameter '.a'")]
    [InlineData("x,a.=5", "Invalid parameter 'a.'")]
    [InlineData("x,0a=5", "Invalid parameter '0a'")]
    [InlineData("x,0=5", "Invalid parameter '0'")]
    [InlineData("x,a b=5", "Invalid parameter 'a b'")]
    [InlineData("x,c.d=on,c=5", "Parameters 'c.*' used inconsistently")]
    [InlineData("x,c=5,c.d=on", "Parameters 'c.*' used inconsistently")]
    [InlineData("x,c.0=a,c.b=1", "Parameters 'c.*' used inconsistently")]
    [InlineData("x,c.1=a", "Parameter 'c.0' missing")]
    [InlineData("x,c.0=a,c.2=b", "Parameter 'c.1' missing")]
    public void Malformed_options_are_refused(string text, string error) =>
        Assert.Equal(error, Assert.Throws<BlockException>(() => KeyvalParser.Parse(text, "driver")).Message);

    [Fact]
    public void A_request_for_help_is_told()
    {
        _ = KeyvalParser.Parse("null-co,help", "driver", out var help);
        Assert.True(help);
        _ = KeyvalParser.Parse("null-co", "driver", out help);
        Assert.False(help);
    }

    [Fact]
    public void A_brace_makes_it_json()
    {
        var (options, mode) = KeyvalParser.ParseEither("{'driver': 'raw'}", "driver");
        Assert.Equal((SchemaMode.Strict, "raw"), (mode, options.GetString("driver")));
        var error = Assert.Throws<BlockException>(() => KeyvalParser.ParseEither("{", "driver"));
        Assert.Equal("JSON parse error, premature EOI", error.Message);
    }

    [Fact]
    public void Random_options_give_an_object_or_a_refusal()
    {
        const int seed = 4711;
        var random = new Random(seed);
        const string alphabet = "ab.,=019-_ x";
        for (var round = 0; round < 5000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ => alphabet[random.Next(alphabet.Length)]));
            try
            {
                _ = KeyvalParser.Parse(text, random.Next(2) == 0 ? "driver" : null);
            }
            catch (BlockException error)
            {
                Assert.True(error.Kind == BlockErrorKind.InvalidOptions, $"seed {seed}, round {round}: {text}");
            }
        }
    }
}
