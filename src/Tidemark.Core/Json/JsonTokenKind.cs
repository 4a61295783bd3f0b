namespace Tidemark.Core.Json;

/// <summary>What the lexer tells apart.</summary>
internal enum JsonTokenKind : byte
{
    LeftBrace,
    RightBrace,
    LeftBracket,
    RightBracket,
    Colon,
    Comma,
    Integer,
    Float,
    Keyword,
    String,

    /// <summary>Characters that begin no token; the last one is where it went wrong.</summary>
    Stray,
}
