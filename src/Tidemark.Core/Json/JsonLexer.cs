namespace Tidemark.Core.Json;

/// <summary>
/// Cuts bytes into tokens, a byte at a time, so that input may be split anywhere. The dialect is the reference's monitor:
/// strings in either kind of quote, bytes 0x20 to 0xFD inside them, keywords of small letters, no comments.
/// <para>
/// After a byte that fits nowhere the lexer skips until something may begin again: a control character other than tab, one of
/// <c>[ ] { } , :</c>, or 0xFE and 0xFF. That way one mistake costs a client one error, and a client may send 0xFF to resynchronise.
/// </para>
/// </summary>
internal struct JsonLexer
{
    private State state;

    private enum State : byte
    {
        Start,
        Recovery,
        DoubleQuoted,
        DoubleQuotedEscape,
        SingleQuoted,
        SingleQuotedEscape,
        Minus,
        Zero,
        Digits,
        Point,
        Fraction,
        Exponent,
        ExponentSign,
        ExponentDigits,
        Keyword,
    }

    /// <summary>What one byte did.</summary>
    internal enum Step : byte
    {
        /// <summary>Taken; it belongs to no token.</summary>
        Skipped,

        /// <summary>Taken; it is part of a token not yet complete.</summary>
        Added,

        /// <summary>Taken; a token is complete with it.</summary>
        CompletedWith,

        /// <summary>Not taken: a token was complete before it. Feed it again.</summary>
        CompletedBefore,
    }

    /// <summary>Whether the lexer stands inside a token.</summary>
    public readonly bool InToken => state > State.Recovery;

    /// <summary>Moves on by one byte; <paramref name="kind"/> is set when a token is complete.</summary>
    public Step Feed(byte b, out JsonTokenKind kind)
    {
        kind = JsonTokenKind.Stray;
        switch (state)
        {
            case State.Recovery:
                if (!EndsRecovery(b))
                {
                    return Step.Skipped;
                }
                state = State.Start;
                return Start(b, out kind);
            case State.Start:
                return Start(b, out kind);
            case State.DoubleQuoted:
                return InString(b, (byte)'"', State.DoubleQuotedEscape, out kind);
            case State.SingleQuoted:
                return InString(b, (byte)'\'', State.SingleQuotedEscape, out kind);
            case State.DoubleQuotedEscape:
                return IsStringByte(b) ? Go(State.DoubleQuoted) : Fail(out kind);
            case State.SingleQuotedEscape:
                return IsStringByte(b) ? Go(State.SingleQuoted) : Fail(out kind);
            case State.Keyword:
                return b is >= (byte)'a' and <= (byte)'z' ? Step.Added : Before(JsonTokenKind.Keyword, out kind);
            default:
                return InNumber(b, out kind);
        }
    }

    /// <summary>The input is over: true if that completes a token, of <paramref name="kind"/>.</summary>
    public bool End(out JsonTokenKind kind)
    {
        kind = state switch
        {
            State.Zero or State.Digits => JsonTokenKind.Integer,
            State.Fraction or State.ExponentDigits => JsonTokenKind.Float,
            State.Keyword => JsonTokenKind.Keyword,
            _ => JsonTokenKind.Stray,
        };
        var inToken = InToken;
        state = State.Start;
        return inToken;
    }

    /// <summary>Forgets the token under way and goes on as after a mistake.</summary>
    public void Reset() => state = State.Start;

    private static bool EndsRecovery(byte b) =>
        (b < 0x20 && b != '\t') || b >= 0xFE || b is (byte)'[' or (byte)']' or (byte)'{' or (byte)'}' or (byte)',' or (byte)':';

    private static bool IsStringByte(byte b) => b is >= 0x20 and <= 0xFD;

    private static bool IsDigit(byte b) => b is >= (byte)'0' and <= (byte)'9';

    private Step Start(byte b, out JsonTokenKind kind)
    {
        kind = JsonTokenKind.Stray;
        switch (b)
        {
            case (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n':
                return Step.Skipped;
            case (byte)'{':
                return With(JsonTokenKind.LeftBrace, out kind);
            case (byte)'}':
                return With(JsonTokenKind.RightBrace, out kind);
            case (byte)'[':
                return With(JsonTokenKind.LeftBracket, out kind);
            case (byte)']':
                return With(JsonTokenKind.RightBracket, out kind);
            case (byte)':':
                return With(JsonTokenKind.Colon, out kind);
            case (byte)',':
                return With(JsonTokenKind.Comma, out kind);
            case (byte)'"':
                return Go(State.DoubleQuoted);
            case (byte)'\'':
                return Go(State.SingleQuoted);
            case (byte)'-':
                return Go(State.Minus);
            case (byte)'0':
                return Go(State.Zero);
            case >= (byte)'1' and <= (byte)'9':
                return Go(State.Digits);
            case >= (byte)'a' and <= (byte)'z':
                return Go(State.Keyword);
            default:
                return Fail(out kind);
        }
    }

    private Step InString(byte b, byte quote, State escape, out JsonTokenKind kind)
    {
        if (b == quote)
        {
            return With(JsonTokenKind.String, out kind);
        }
        kind = JsonTokenKind.Stray;
        if (b == '\\')
        {
            return Go(escape);
        }
        return IsStringByte(b) ? Step.Added : Fail(out kind);
    }

    private Step InNumber(byte b, out JsonTokenKind kind)
    {
        kind = JsonTokenKind.Stray;
        var digit = IsDigit(b);
        switch (state)
        {
            case State.Minus when digit:
                return Go(b == '0' ? State.Zero : State.Digits);
            case State.Zero when digit:
                return Fail(out kind);
            case State.Digits when digit:
                return Step.Added;
            case State.Zero or State.Digits:
                return b switch
                {
                    (byte)'.' => Go(State.Point),
                    (byte)'e' or (byte)'E' => Go(State.Exponent),
                    _ => Before(JsonTokenKind.Integer, out kind),
                };
            case State.Point when digit:
                return Go(State.Fraction);
            case State.Fraction when digit:
                return Step.Added;
            case State.Fraction:
                return b is (byte)'e' or (byte)'E' ? Go(State.Exponent) : Before(JsonTokenKind.Float, out kind);
            case State.Exponent when b is (byte)'+' or (byte)'-':
                return Go(State.ExponentSign);
            case State.Exponent or State.ExponentSign when digit:
                return Go(State.ExponentDigits);
            case State.ExponentDigits when digit:
                return Step.Added;
            case State.ExponentDigits:
                return Before(JsonTokenKind.Float, out kind);
            default:
                return Fail(out kind);
        }
    }

    private Step Go(State next)
    {
        state = next;
        return Step.Added;
    }

    private Step With(JsonTokenKind token, out JsonTokenKind kind)
    {
        kind = token;
        state = State.Start;
        return Step.CompletedWith;
    }

    private Step Before(JsonTokenKind token, out JsonTokenKind kind)
    {
        kind = token;
        state = State.Start;
        return Step.CompletedBefore;
    }

    private Step Fail(out JsonTokenKind kind)
    {
        kind = JsonTokenKind.Stray;
        state = State.Recovery;
        return Step.CompletedWith;
    }
}
