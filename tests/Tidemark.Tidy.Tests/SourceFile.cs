using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Tidemark.Tidy.Tests;

/// <summary>One C# file with its syntax.</summary>
internal sealed class SourceFile(string path, string text)
{
    private CompilationUnitSyntax? root;

    public string Path { get; } = path;

    public string Text { get; } = text;

    public int LineCount { get; } = text.AsSpan().Count('\n');

    /// <summary>The file's name without folder and ".cs".</summary>
    public string Stem => System.IO.Path.GetFileNameWithoutExtension(Path);

    public CompilationUnitSyntax Root =>
        root ??= (CompilationUnitSyntax)
            CSharpSyntaxTree
                .ParseText(Text, CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Preview), Path)
                .GetRoot();

    /// <summary>The types that stand directly in the file's namespace.</summary>
    public IEnumerable<MemberDeclarationSyntax> TopLevelTypes =>
        Root.DescendantNodes(node => node is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax)
            .Where(node => node is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax)
            .Cast<MemberDeclarationSyntax>();

    /// <summary>"path:line" of a node, for messages.</summary>
    public string Place(SyntaxNode node) => $"{Path}:{FirstLine(node)}";

    /// <summary>How many lines a node takes, without the comments and attributes (a test's table of data) before it.</summary>
    public int LinesOf(SyntaxNode node)
    {
        var attributes = node is MemberDeclarationSyntax { AttributeLists.Count: > 0 } member
            ? LastLine(member.AttributeLists.Last())
            : 0;
        return LastLine(node) - Math.Max(FirstLine(node), attributes + 1) + 1;
    }

    /// <summary>The line on which a node begins, without the comments before it.</summary>
    public int FirstLine(SyntaxNode node) => Root.SyntaxTree.GetLineSpan(node.Span).StartLinePosition.Line + 1;

    private int LastLine(SyntaxNode node) => Root.SyntaxTree.GetLineSpan(node.Span).EndLinePosition.Line + 1;
}
