namespace Tidemark.Core.Json;

/// <summary>
/// How much one message may hold before the parser gives it up; the default figures are those at which the reference does.
/// </summary>
/// <param name="TokenBytes">Characters of all tokens of a message together, bytes.</param>
/// <param name="Tokens">Number of tokens.</param>
/// <param name="Depth">Objects and arrays within one another.</param>
public sealed record JsonLimits(int TokenBytes, int Tokens, int Depth)
{
    /// <summary>64 MiB, two million tokens, 1024 levels.</summary>
    public static readonly JsonLimits Default = new(TokenBytes: 64 << 20, Tokens: 2 << 20, Depth: 1024);
}
