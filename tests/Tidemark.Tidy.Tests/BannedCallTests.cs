using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Tidemark.Tidy.Tests;

/// <summary>
/// Calls that break a law of the house. The compiler refuses those of BannedSymbols.txt with full knowledge of types; here stand
/// those that need none, and the ways around the compiler.
/// </summary>
public sealed class BannedCallTests
{
    private static readonly Dictionary<string, string> BannedMembers = new(StringComparer.Ordinal)
    {
        ["Thread.Sleep"] = "the loop must never block; time is the engine's timers",
        ["Activator.CreateInstance"] = "no reflection: lists are explicit",
        ["Assembly.GetExecutingAssembly"] = "no reflection",
        ["GC.Collect"] = "memory is owned and returned, not collected on demand",
        ["Environment.TickCount64"] = "time comes from TimeProvider",
        ["Environment.TickCount"] = "time comes from TimeProvider",
        ["Environment.Exit"] = "the executable's Main returns",
        ["Stopwatch.StartNew"] = "time comes from TimeProvider",
        ["ThreadPool.QueueUserWorkItem"] = "heavy work goes to the engine's workers",
        ["Debug.Assert"] = "assertions stay on in Release: Invariant.That",
    };

    private static readonly Dictionary<string, string> BannedNames = new(StringComparer.Ordinal)
    {
        ["ConfigureAwait"] = "the process is ours: there is no foreign context to avoid",
        ["NotImplemented" + "Exception"] = "what is not there is refused with a clear message",
    };

    [Fact]
    public void The_product_makes_no_banned_call() =>
        Breaches.None(
            Exceptions.Judge(
                Exceptions.BannedCall,
                from file in Repository.ProductSources
                where !file.Path.StartsWith("src/Tidemark.Generators/", StringComparison.Ordinal)
                from breach in BreachesIn(file)
                select breach
            )
        );

    [Fact]
    public void The_compiler_refuses_what_blocks_the_loop()
    {
        var banned = Repository.ReadText("BannedSymbols.txt");
        Assert.All(
            ["Task`1.Result", "Task.Wait", "Task.Run", "DateTime.Now", "DateTime.UtcNow", "Random.#ctor;", "Random.Shared"],
            name => Assert.Contains(name, banned, StringComparison.Ordinal)
        );
        Assert.Contains("T:System.Console;", Repository.ReadText("src/BannedSymbols.Product.txt"), StringComparison.Ordinal);
    }

    private static IEnumerable<(string Place, string What)> BreachesIn(SourceFile file)
    {
        foreach (var node in file.Root.DescendantNodes(descendIntoTrivia: true))
        {
            var why = node switch
            {
                MemberAccessExpressionSyntax access when BannedMembers.TryGetValue(LastTwo(access), out var reason) =>
                    $"{LastTwo(access)}: {reason}",
                IdentifierNameSyntax name
                    when BannedNames.TryGetValue(name.Identifier.Text, out var reason) && !IsDocumentation(node) =>
                    $"{name.Identifier.Text}: {reason}",
                UsingDirectiveSyntax { Name: { } space }
                    when space.ToString().StartsWith("System.Reflection", StringComparison.Ordinal) => "no reflection",
                MethodDeclarationSyntax method
                    when IsAsyncVoid(method.Modifiers, method.ReturnType) && !method.Modifiers.Any(SyntaxKind.PrivateKeyword) =>
                    "async void for others to call: nobody sees how it ends",
                RegionDirectiveTriviaSyntax => "#region: split the type by verb instead",
                PragmaWarningDirectiveTriviaSyntax pragma
                    when pragma.ErrorCodes.Any(code => code.ToString() is "RS0030" or "IDE0058" or "CS1591") =>
                    $"{pragma.ErrorCodes}: a law of the house is switched off",
                _ => null,
            };
            if (why is not null)
            {
                yield return (file.Path, $"line {file.FirstLine(node)}: {why}");
            }
        }
    }

    private static string LastTwo(MemberAccessExpressionSyntax access) =>
        access.Expression is SimpleNameSyntax left ? $"{left.Identifier.Text}.{access.Name.Identifier.Text}"
        : access.Expression is MemberAccessExpressionSyntax inner ? $"{inner.Name.Identifier.Text}.{access.Name.Identifier.Text}"
        : "";

    private static bool IsAsyncVoid(SyntaxTokenList modifiers, TypeSyntax returned) =>
        modifiers.Any(SyntaxKind.AsyncKeyword)
        && returned is PredefinedTypeSyntax { Keyword.RawKind: (int)SyntaxKind.VoidKeyword };

    private static bool IsDocumentation(SyntaxNode node) =>
        node.Ancestors().Any(ancestor => ancestor is DocumentationCommentTriviaSyntax);
}
