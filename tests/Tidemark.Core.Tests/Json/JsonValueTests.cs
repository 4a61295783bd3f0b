using Tidemark.Core.Json;

namespace Tidemark.Core.Tests.Json;

public sealed class JsonValueTests
{
    [Theory]
    [InlineData("", "Expecting a JSON value")]
    [InlineData("  ", "Expecting a JSON value")]
    [InlineData("{", "JSON parse error, premature EOI")]
    [InlineData("{\"a\":1,", "JSON parse error, premature EOI")]
    [InlineData("{} {}", "Expecting at most one JSON value")]
    [InlineData("{}@", "Expecting at most one JSON value")]
    [InlineData("{}}", "Expecting at most one JSON value")]
    [InlineData("5 6", "Expecting at most one JSON value")]
    [InlineData("\"abc", "JSON parse error, stray '\"abc'")]
    [InlineData("1e", "JSON parse error, stray '1e'")]
    [InlineData("nul", "JSON parse error, invalid keyword 'nul'")]
    [InlineData("@", "JSON parse error, stray '@'")]
    public void A_text_that_is_not_one_value_is_refused(string text, string error) =>
        Assert.Equal(error, Assert.Throws<JsonParseException>(() => JsonValue.Parse(text)).Message);

    [Theory]
    [InlineData("100000.0", "100000")]
    [InlineData("1e5", "100000")]
    [InlineData("1E+400", "1e999")]
    [InlineData("-0", "0")]
    [InlineData("-0.0", "-0")]
    [InlineData("9223372036854775808", "9223372036854775808")]
    [InlineData("18446744073709551615", "18446744073709551615")]
    [InlineData("18446744073709551616", "1.8446744073709552e+19")]
    [InlineData("-9223372036854775808", "-9223372036854775808")]
    [InlineData("-9223372036854775809", "-9.2233720368547758e+18")]
    [InlineData("0.1", "0.10000000000000001")]
    [InlineData("1e100", "1e+100")]
    [InlineData("123456789.123456789", "123456789.12345679")]
    [InlineData("1e-7", "9.9999999999999995e-08")]
    [InlineData("'a\"b\\'c'", "\"a\\\"b'c\"")]
    [InlineData("\"\x7f<>&é\\u0000😀\"", "\"\\u007F<>&\\u00E9\\u0000\\uD83D\\uDE00\"")]
    [InlineData("{'id':[1,2,{'a':[]}, {}, [[]]]}", "{\"id\": [1, 2, {\"a\": []}, {}, [[]]]}")]
    public void Values_are_written_as_the_reference_writes_them(string text, string written) =>
        Assert.Equal(written, JsonValue.Parse(text).ToJson());

    [Fact]
    public void Pretty_output_has_a_member_a_line_and_empty_ones_over_two()
    {
        var value = JsonValue.Parse("{'return': {}, 'id': {'a': [], 'c': [1, {'d': 2}]}}");
        var expected = """
            {
                "return": {
                },
                "id": {
                    "a": [
                    ],
                    "c": [
                        1,
                        {
                            "d": 2
                        }
                    ]
                }
            }
            """;
        Assert.Equal(expected.ReplaceLineEndings("\n"), value.ToJson(pretty: true));
    }

    [Fact]
    public void A_replaced_member_keeps_its_place_and_a_clone_shares_nothing()
    {
        var value = (JsonObject)JsonValue.Parse("{'a': 1, 'b': {'x': [1]}}");
        var clone = value.DeepClone();
        value["a"] = 2;
        ((JsonArray)((JsonObject)value["b"])["x"]).Add(2);
        Assert.True(value.Remove("b", out var removed));
        Assert.Equal("{\"a\": 2}", value.ToJson());
        Assert.Equal("{\"x\": [1, 2]}", removed.ToJson());
        Assert.Equal("{\"a\": 1, \"b\": {\"x\": [1]}}", clone.ToJson());
    }

    [Fact]
    public void Integers_know_which_types_hold_them()
    {
        var big = (JsonNumber)JsonValue.Parse("18446744073709551615");
        Assert.False(big.TryGetInt64(out _));
        Assert.True(big.TryGetUInt64(out var unsigned));
        Assert.Equal(ulong.MaxValue, unsigned);
        Assert.False(new JsonNumber(-1).TryGetUInt64(out _));
        Assert.False(((JsonNumber)JsonValue.Parse("1.0")).IsInteger);
        Assert.True(JsonValue.DeepEquals(JsonValue.Parse("1.0"), 1));
    }

    [Fact]
    public void What_no_parser_takes_back_is_written_as_the_replacement_character()
    {
        // Test runners pass arguments as UTF-8, which has no halves of surrogate pairs.
        Assert.Equal("\"\\uFFFD\"", new JsonString("\ud800").ToJson());
        Assert.Equal("\"a\\uFFFDb\"", new JsonString("a\udc00b").ToJson());
        Assert.Equal("\"\\uFFFD\"", new JsonString("\uffff").ToJson());
        Assert.Equal("\"\\uD83D\\uDE00\"", new JsonString("\ud83d\ude00").ToJson());
    }

    [Fact]
    public void Long_strings_are_written_whole_whatever_stands_at_the_seams()
    {
        var text = string.Concat(Enumerable.Repeat("x😀é", 2000));
        Assert.Equal(text, ((JsonString)JsonValue.Parse(new JsonString(text).ToJson())).Value);
    }
}
