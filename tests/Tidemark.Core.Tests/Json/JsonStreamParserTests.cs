using System.Text;
using Tidemark.Core.Json;

namespace Tidemark.Core.Tests.Json;

public sealed class JsonStreamParserTests
{
    /// <summary>Input and what a reference monitor answers to it: values on the left of '|' as they are written back, errors as text.</summary>
    public static TheoryData<string, string> Recorded =>
        new()
        {
            { "@", "stray '@'" },
            { "@@ 5 \n5\n", "stray '@' | 5" },
            { "{\"execute\": @}\n", "stray '@' | expecting value" },
            { "{\"a\": 1 \"b\"}\n", "expected separator in dict" },
            { "{\"a\" \"b\"}\n", "missing : in object pair" },
            { "{5:1}\n", "key is not a string in object" },
            { "{\"a\":1,}\n", "expecting value" },
            { "[1,]\n", "expecting value" },
            { "[1 2]\n", "expected separator in list" },
            { "}\n", "expecting value" },
            { "{]\n", "expecting value" },
            { "[}\n", "expecting value" },
            { "nul\n", "invalid keyword 'nul'" },
            { "nulX \n", "invalid keyword 'nul' | stray 'X'" },
            { "{\"id\":0x10}\n", "expected separator in dict" },
            { "{\"id\":01}\n", "stray '01' | expecting value" },
            { "{\"id\":-}\n", "stray '-}'" },
            { "{\"id\":1.}\n", "stray '1.}'" },
            { "{\"id\":1e}\n", "stray '1e}'" },
            { "1x2\n", "1 | invalid keyword 'x' | 2" },
            { "1.5.5 \n", "1.5 | stray '.'" },
            { "true,false\n", "true | expecting value | false" },
            { "{\"id\":\"a\tb\"}\n", "stray '\"a\t' | expecting value" },
            { "\"\\ud800\"\n", "\\ud800 is not a valid Unicode character" },
            { "\"\\udc00\"\n", "\\udc00 is not a valid Unicode character" },
            { "\"\\uDBFF\\uDFFF\"\n", "\\uDBFF\\uDFFF is not a valid Unicode character" },
            { "\"\\u12\"\n", "\\u12\" is not a valid Unicode character" },
            { "\"\\u+123\"\n", "\\u+123 is not a valid Unicode character" },
            { "\"\\x\"\n", "invalid escape sequence in string" },
            { "\"\\ufdd0\"\n", "\\ufdd0 is not a valid Unicode character" },
            { "\"\uffff\"\n", "invalid UTF-8 sequence in string" },
            { "{\"a\":{\"a\":1,\"a\":2}}\n", "duplicate key" },
            { "{\"a\":[1,2}\n{\"a\":[1,2}]\n{\"a\":[1,2]]\n}{\"a\":1}", "expected separator in list | {\"a\": 1}" },
            { "@a\"b{\"c}\":2}\n", "stray '@' | {\"c}\": 2}" },
            { "5}\n", "5 | expecting value" },
            { "\0\n", "stray ''" },
            { "{\"id\":\"abc\n\"}\n", "stray '\"abc\n' | expecting value" },
        };

    [Theory]
    [MemberData(nameof(Recorded))]
    public void Mistakes_are_answered_as_the_reference_answers_them(string input, string expected) =>
        Assert.Equal(expected, Describe(ReadAll(Encoding.UTF8.GetBytes(input))));

    [Theory]
    [MemberData(nameof(Recorded))]
    public void Splitting_the_input_anywhere_changes_nothing(string input, string expected)
    {
        var bytes = Encoding.UTF8.GetBytes(input);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            Assert.Equal(expected, Describe(ReadAll(bytes[..cut], bytes[cut..])));
        }
        Assert.Equal(expected, Describe(ReadAll([.. bytes.Select(b => new[] { b })])));
    }

    [Fact]
    public void Bytes_that_are_no_text_are_shown_as_the_replacement_character()
    {
        Assert.Equal("stray '\uFFFD'", Describe(ReadAll([0xFF, (byte)'\n'])));
        Assert.Equal("stray '\"\uFFFD'", Describe(ReadAll([(byte)'"', 0xFE, (byte)'\n'])));
        Assert.Equal("\"\\u0000\"", Describe(ReadAll([(byte)'"', 0xC0, 0x80, (byte)'"'])));
        Assert.Equal("invalid UTF-8 sequence in string", Describe(ReadAll([(byte)'"', 0xED, 0xA0, 0x80, (byte)'"'])));
    }

    [Fact]
    public void After_a_stray_byte_only_control_characters_and_punctuation_begin_anew()
    {
        for (var b = 0; b < 256; b++)
        {
            var described = Describe(ReadAll([(byte)'@', (byte)b, (byte)'5', (byte)' ', (byte)'\n', (byte)'}']));
            var expected = b switch
            {
                '\n' or '\r' => "stray '@' | 5 | expecting value",
                ',' or ':' or ']' or '}' => "stray '@' | expecting value | 5 | expecting value",
                '[' or '{' => b == '[' ? "stray '@' | expected separator in list" : "stray '@' | key is not a string in object",
                0 => "stray '@' | stray '' | expecting value",
                < 0x20 and not '\t' => $"stray '@' | stray '{(char)b}' | expecting value",
                >= 0xFE => "stray '@' | stray '\uFFFD' | expecting value",
                _ => "stray '@' | expecting value",
            };
            Assert.Equal(expected, described);
        }
    }

    [Theory]
    [InlineData(1024, null)]
    [InlineData(1025, "JSON nesting depth limit exceeded")]
    public void Nesting_is_bounded(int depth, string? error)
    {
        var text = new string('[', depth) + new string(']', depth);
        Assert.Equal(error, ReadAll(Encoding.ASCII.GetBytes(text))[0].Error);
    }

    [Fact]
    public void A_message_of_too_many_tokens_or_bytes_is_given_up()
    {
        var small = new JsonLimits(TokenBytes: 16, Tokens: 5, Depth: 9);
        Assert.Equal("JSON token count limit exceeded", ReadAll(small, "[1,2,3]"u8.ToArray())[0].Error);
        Assert.Null(ReadAll(small, "[1,2]"u8.ToArray())[0].Error);
        Assert.Equal("JSON token size limit exceeded", ReadAll(small, "'0123456789abcdef'"u8.ToArray())[0].Error);
        Assert.Null(ReadAll(small, "'0123456789abcd'"u8.ToArray())[0].Error);
    }

    [Fact]
    public void Random_bytes_never_do_anything_but_give_messages()
    {
        const int seed = 20_251;
        var random = new Random(seed);
        var alphabet = "{}[]:,\"'\\ux0123456789eE+-. \t\ntruefalsn\0\x7f\u00ff\u00c3"u8.ToArray();
        for (var round = 0; round < 3000; round++)
        {
            var input = new byte[random.Next(0, 60)];
            for (var i = 0; i < input.Length; i++)
            {
                input[i] = random.Next(8) == 0 ? (byte)random.Next(256) : alphabet[random.Next(alphabet.Length)];
            }
            var whole = ReadAll(input);
            var cut = random.Next(input.Length + 1);
            Assert.Equal(Describe(whole), Describe(ReadAll(input[..cut], input[cut..])));
            Assert.All(
                whole,
                message => Assert.True(message.Value is null != message.Error is null, $"seed {seed}, round {round}")
            );
        }
    }

    [Fact]
    public void What_was_written_reads_back_the_same_split_anywhere()
    {
        const int seed = 77;
        var random = new Random(seed);
        for (var round = 0; round < 500; round++)
        {
            var value = RandomValue(random, 4);
            foreach (var pretty in new[] { false, true })
            {
                var bytes = Encoding.ASCII.GetBytes(value.ToJson(pretty) + "\n");
                var cut = random.Next(bytes.Length + 1);
                var read = Assert.Single(ReadAll(bytes[..cut], bytes[cut..]));
                Assert.True(JsonValue.DeepEquals(value, read.Value), $"seed {seed}, round {round}: {value}");
            }
        }
    }

    private static JsonValue RandomValue(Random random, int depth) =>
        random.Next(depth > 0 ? 9 : 7) switch
        {
            0 => JsonNull.Instance,
            1 => JsonBool.Of(random.Next(2) == 0),
            2 => new JsonNumber(random.NextInt64(long.MinValue, long.MaxValue)),
            3 => new JsonNumber((ulong)random.NextInt64() + (1UL << 63)),
            4 => new JsonNumber((random.NextDouble() + 0.001) * Math.Pow(10, random.Next(-300, 300))),
            5 or 6 => new JsonString(RandomText(random)),
            7 => new JsonArray(Enumerable.Range(0, random.Next(4)).Select(_ => RandomValue(random, depth - 1))),
            _ => RandomObject(random, depth),
        };

    private static JsonObject RandomObject(Random random, int depth)
    {
        var result = new JsonObject();
        for (var i = random.Next(4); i > 0; i--)
        {
            result[RandomText(random)] = RandomValue(random, depth - 1);
        }
        return result;
    }

    private static string RandomText(Random random)
    {
        var text = new StringBuilder();
        for (var i = random.Next(12); i > 0; i--)
        {
            var code = random.Next(4) == 0 ? random.Next(0x10_0000) : random.Next(0x80);
            if (Rune.IsValid(code) && (code & 0xFFFE) != 0xFFFE && code is < 0xFDD0 or > 0xFDEF)
            {
                text.Append(new Rune(code).ToString());
            }
        }
        return text.ToString();
    }

    private static List<JsonMessage> ReadAll(params byte[][] parts) => ReadAll(JsonLimits.Default, parts);

    private static List<JsonMessage> ReadAll(JsonLimits limits, params byte[][] parts)
    {
        var parser = new JsonStreamParser(limits);
        var found = new List<JsonMessage>();
        foreach (var part in parts)
        {
            ReadOnlySpan<byte> rest = part;
            while (parser.TryRead(ref rest, out var message))
            {
                found.Add(message);
            }
            Assert.True(rest.IsEmpty);
        }
        return found;
    }

    private static string Describe(List<JsonMessage> messages) =>
        string.Join(
            " | ",
            messages.Select(m => m.Value?.ToJson() ?? m.Error!.Replace("JSON parse error, ", "", StringComparison.Ordinal))
        );
}
