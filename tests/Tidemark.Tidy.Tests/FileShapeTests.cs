using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Tidemark.Tidy.Tests;

/// <summary>How long files and methods are, and what they are called.</summary>
public sealed class FileShapeTests
{
    private const int LongestFile = 600;
    private const int LongFile = 400;
    private const int LongestMethod = 70;
    private const int SmallType = 40; // a record or enum that only its neighbour uses may stand beside it

    [Fact]
    public void No_file_is_longer_than_600_lines() =>
        Breaches.None(
            Repository.Sources.Where(file => file.LineCount > LongestFile).Select(file => $"{file.Path}: {file.LineCount} lines")
        );

    [Fact]
    public void A_file_over_400_lines_has_a_reason_in_the_list() =>
        Breaches.None(
            Exceptions.Judge(
                Exceptions.LongFile,
                Repository.Sources.Where(file => file.LineCount > LongFile).Select(file => (file.Path, $"{file.LineCount} lines"))
            )
        );

    [Fact]
    public void A_method_fits_a_screen() =>
        Breaches.None(
            Exceptions.Judge(
                Exceptions.LongMethod,
                from file in Repository.Sources
                from method in file.Root.DescendantNodes().Where(IsBody)
                where file.LinesOf(method) > LongestMethod
                select ($"{file.Path}:{NameOf(method)}", $"{file.LinesOf(method)} lines")
            )
        );

    [Fact]
    public void A_file_is_named_after_its_type() =>
        Breaches.None(
            Exceptions.Judge(
                Exceptions.FileName,
                from file in Repository.Sources
                let types = file.TopLevelTypes.Select(NameOf).ToList()
                where types.Count > 0 && !types.Contains(file.Stem.Split('.')[0])
                select (file.Path, $"holds {string.Join(", ", types)}")
            )
        );

    [Fact]
    public void A_file_holds_one_type_and_at_most_small_ones_beside_it() =>
        Breaches.None(
            Exceptions.Judge(
                Exceptions.SeveralTypes,
                from file in Repository.Sources
                from type in file.TopLevelTypes
                where NameOf(type) != file.Stem.Split('.')[0] && file.LinesOf(type) > SmallType
                select (file.Path, $"{NameOf(type)} has {file.LinesOf(type)} lines and deserves its own file")
            )
        );

    [Fact]
    public void A_namespace_is_its_folder() =>
        Breaches.None(
            Exceptions.Judge(
                Exceptions.Namespace,
                from file in Repository.Sources
                from space in file.Root.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>()
                let expected = FolderNamespace(file.Path)
                where space.Name.ToString() != expected
                select (Path.GetDirectoryName(file.Path)!, $"{file.Place(space)}: {space.Name} should be {expected}")
            )
        );

    [Fact]
    public void Folders_are_named_for_what_is_in_them()
    {
        string[] empty = ["Common", "Utils", "Util", "Utilities", "Helpers", "Misc", "Shared", "Stuff"];
        Breaches.None(
            from path in Repository.Files
            from part in path.Split('/')
            let name = Path.GetFileNameWithoutExtension(part)
            where
                empty.Contains(name, StringComparer.Ordinal)
                || name.EndsWith("Helpers", StringComparison.Ordinal)
                || name.EndsWith("Utils", StringComparison.Ordinal)
            select path
        );
    }

    // Roots of namespaces: the folder of the project is the project's name; below it each folder is a part.
    private static string FolderNamespace(string path)
    {
        var folder = Path.GetDirectoryName(path)!.Replace('\\', '/');
        var project = Repository
            .Files.Where(candidate => candidate.EndsWith(".csproj", StringComparison.Ordinal))
            .Single(candidate =>
                (folder + "/").StartsWith(Path.GetDirectoryName(candidate)!.Replace('\\', '/') + "/", StringComparison.Ordinal)
            );
        var below = folder[Path.GetDirectoryName(project)!.Length..];
        return Path.GetFileNameWithoutExtension(project) + below.Replace('/', '.');
    }

    private static bool IsBody(SyntaxNode node) =>
        node is BaseMethodDeclarationSyntax or LocalFunctionStatementSyntax or AccessorDeclarationSyntax;

    private static string NameOf(SyntaxNode node) =>
        node switch
        {
            MethodDeclarationSyntax method => method.Identifier.Text,
            ConstructorDeclarationSyntax constructor => constructor.Identifier.Text,
            LocalFunctionStatementSyntax function => function.Identifier.Text,
            AccessorDeclarationSyntax accessor => accessor.Keyword.Text,
            BaseTypeDeclarationSyntax type => type.Identifier.Text,
            DelegateDeclarationSyntax type => type.Identifier.Text,
            _ => node.Kind().ToString(),
        };
}
