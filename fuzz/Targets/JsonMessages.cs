using System.Text;
using Tidemark.Core.Json;

namespace Tidemark.Fuzz.Targets;

/// <summary>QMP's input: messages in a stream, cut anywhere. Every message is a value or an error, and what is written reads back.</summary>
internal sealed class JsonMessages : FuzzTarget
{
    public override string Name => "json-messages";

    public override long MemoryBound => 64L << 20;

    public override IReadOnlyList<byte[]> CreateSeeds() =>
        [
            .. new[]
            {
                "{\"execute\": \"qmp_capabilities\", \"arguments\": {\"enable\": [\"oob\"]}, \"id\": 1}\n{'execute':'quit'}",
                "{\"execute\": \"transaction\", \"arguments\": {\"actions\": [{\"type\": \"abort\", \"data\": {}}]}}",
                "[1, -2, 3.5e-7, true, false, null, \"\\u00e9\\ud83d\\ude00\", {\"a\": {\"b\": []}}]",
                "{ \"n\": 18446744073709551615, \"m\": -9223372036854775808 } \"text\" 'text' 12",
            }.Select(Encoding.UTF8.GetBytes),
        ];

    public override void Run(byte[] input)
    {
        var parser = new JsonStreamParser(JsonLimits.Default);
        var cut = input.Length / 3;
        Feed(parser, input.AsSpan(0, cut));
        Feed(parser, input.AsSpan(cut));
    }

    private static void Feed(JsonStreamParser parser, ReadOnlySpan<byte> input)
    {
        while (parser.TryRead(ref input, out var message))
        {
            if (message.Value is { } value && !JsonValue.DeepEquals(value, JsonValue.Parse(value.ToJson())))
            {
                throw new InvalidOperationException($"{value.ToJson()} does not read back as it was written");
            }
        }
    }
}
