using System.Buffers;
using Tidemark.Core.Errors;

namespace Tidemark.Core.Json;

/// <summary>
/// Reads a stream of JSON values that arrives in pieces of any size. A value is complete when its braces and brackets balance;
/// a mistake gives one error, and reading goes on behind it. What it holds of an unfinished message is bounded by its limits.
/// <code>while (parser.TryRead(ref bytes, out var message)) … </code>
/// </summary>
public sealed class JsonStreamParser(JsonLimits limits)
{
    private const int KeptTextBytes = 64 * 1024;
    private const int KeptTokens = 4096;

    private readonly List<JsonToken> tokens = [];
    private ArrayBufferWriter<byte> text = new(256);
    private JsonLexer lexer;
    private int tokenStart;
    private int braces;
    private int brackets;

    /// <summary>Whether part of a message has arrived.</summary>
    public bool HasPartialMessage => tokens.Count > 0 || lexer.InToken;

    /// <summary>
    /// Takes bytes from the front of <paramref name="input"/> until a message is complete: true with the message and what is
    /// behind it left in <paramref name="input"/>; false when all was taken and more is needed.
    /// </summary>
    public bool TryRead(ref ReadOnlySpan<byte> input, out JsonMessage message)
    {
        for (var i = 0; i < input.Length; i++)
        {
            var b = input[i];
            var step = lexer.Feed(b, out var kind);
            if (step == JsonLexer.Step.Skipped)
            {
                continue;
            }
            if (step != JsonLexer.Step.CompletedBefore)
            {
                Append(b);
                if (text.WrittenCount > limits.TokenBytes)
                {
                    lexer.Reset();
                    input = input[(i + 1)..];
                    message = Fail("JSON token size limit exceeded");
                    return true;
                }
                if (step == JsonLexer.Step.Added)
                {
                    continue;
                }
            }
            if (AddToken(kind, out message))
            {
                input = input[(step == JsonLexer.Step.CompletedBefore ? i : i + 1)..];
                return true;
            }
            if (step == JsonLexer.Step.CompletedBefore)
            {
                i--;
            }
        }
        input = default;
        message = default;
        return false;
    }

    /// <summary>The stream is over: true if that completes a value, or leaves one unfinished ("premature EOI").</summary>
    public bool TryReadEnd(out JsonMessage message)
    {
        if (lexer.End(out var kind) && AddToken(kind, out message))
        {
            return true;
        }
        if (tokens.Count > 0)
        {
            message = Finish();
            return true;
        }
        message = default;
        return false;
    }

    private void Append(byte b)
    {
        text.GetSpan(1)[0] = b;
        text.Advance(1);
    }

    /// <summary>Puts a complete token on the list; true if the message is complete with it.</summary>
    private bool AddToken(JsonTokenKind kind, out JsonMessage message)
    {
        var token = new JsonToken(kind, tokenStart, text.WrittenCount - tokenStart);
        tokenStart = text.WrittenCount;
        switch (kind)
        {
            case JsonTokenKind.LeftBrace:
                braces++;
                break;
            case JsonTokenKind.RightBrace:
                braces--;
                break;
            case JsonTokenKind.LeftBracket:
                brackets++;
                break;
            case JsonTokenKind.RightBracket:
                brackets--;
                break;
            case JsonTokenKind.Stray:
                var characters = text.WrittenSpan.Slice(token.Start, token.Length);
                message = Fail($"JSON parse error, stray '{JsonText.ForMessage(characters)}'");
                return true;
        }
        if (tokens.Count + 1 > limits.Tokens)
        {
            message = Fail("JSON token count limit exceeded");
            return true;
        }
        if (braces + brackets > limits.Depth)
        {
            message = Fail("JSON nesting depth limit exceeded");
            return true;
        }
        tokens.Add(token);
        if ((braces > 0 || brackets > 0) && braces >= 0 && brackets >= 0)
        {
            message = default;
            return false;
        }
        message = Finish();
        return true;
    }

    private JsonMessage Finish()
    {
        Invariant.That(tokens.Count > 0, "a message has tokens");
        JsonMessage message;
        try
        {
            message = new JsonMessage(JsonTreeReader.Read(tokens, text.WrittenSpan), null);
        }
        catch (JsonParseException e)
        {
            message = new JsonMessage(null, e.Message);
        }
        Clear();
        return message;
    }

    private JsonMessage Fail(string error)
    {
        Clear();
        return new JsonMessage(null, error);
    }

    private void Clear()
    {
        tokens.Clear();
        // An outsized message must not leave its memory with an idle client.
        if (tokens.Capacity > KeptTokens)
        {
            tokens.Capacity = KeptTokens;
        }
        if (text.Capacity > KeptTextBytes)
        {
            text = new ArrayBufferWriter<byte>(256);
        }
        text.ResetWrittenCount();
        tokenStart = 0;
        braces = 0;
        brackets = 0;
    }
}
