using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Tidemark.Tidy.Tests;

/// <summary>What belongs beside the code: tests, manuals, the scripts of the front page.</summary>
public sealed class HouseTests
{
    private const int ShortestManual = 300; // characters: a purpose, an option, an example

    [Fact]
    public void Every_room_with_code_has_tests()
    {
        var missing =
            from project in Repository.Projects("src")
            let room = Path.GetFileNameWithoutExtension(project)
            where Repository.Sources.Any(file => file.Path.StartsWith($"src/{room}/", StringComparison.Ordinal))
            where room != "Tidemark.Generators" // proven by the rooms that use what it makes
            where !TestMethods($"tests/{room}.Tests/").Any()
            select room;
        Breaches.None(missing);
    }

    [Fact]
    public void Every_driver_has_its_manual()
    {
        const string room = "src/Tidemark.Drivers/";
        var folders = Repository
            .Files.Where(path =>
                path.StartsWith(room, StringComparison.Ordinal) && path.EndsWith("Driver.cs", StringComparison.Ordinal)
            )
            .Select(path => path[room.Length..].Split('/'))
            .Where(parts => parts.Length > 1)
            .Select(parts => parts[0] == "Filters" ? $"Filters/{parts[1]}" : parts[0])
            .Distinct(StringComparer.Ordinal);
        var missing =
            from folder in folders
            let manual = $"{room}{folder}/README.md"
            where !Repository.Files.Contains(manual) || Repository.ReadText(manual).Length < ShortestManual
            select manual;
        Breaches.None(missing);
    }

    [Fact]
    public void A_test_is_named_by_a_sentence()
    {
        var wrong =
            from file in Repository.Sources
            where file.Path.StartsWith("tests/", StringComparison.Ordinal)
            from method in file.Root.DescendantNodes().OfType<MethodDeclarationSyntax>().Where(IsTest)
            where method.Identifier.Text.Count(letter => letter == '_') < 2
            select $"{file.Place(method)} {method.Identifier.Text}";
        Breaches.None(wrong);
    }

    [Fact]
    public void A_class_of_tests_is_called_so()
    {
        var wrong =
            from file in Repository.Sources
            where file.Path.StartsWith("tests/", StringComparison.Ordinal)
            from type in file.Root.DescendantNodes().OfType<ClassDeclarationSyntax>()
            where
                type.Members.OfType<MethodDeclarationSyntax>().Any(IsTest)
                && !type.Modifiers.Any(modifier => modifier.Text == "abstract")
            where !type.Identifier.Text.EndsWith("Tests", StringComparison.Ordinal)
            select $"{file.Place(type)} {type.Identifier.Text}";
        Breaches.None(wrong);
    }

    [Theory]
    [InlineData("tidemark")]
    [InlineData("test")]
    [InlineData(".ci/run")]
    public void A_script_of_the_front_page_can_be_run(string path)
    {
        Assert.True(File.GetUnixFileMode(Path.Combine(Repository.Root, path)).HasFlag(UnixFileMode.UserExecute));
        Assert.StartsWith("#!/usr/bin/env bash\n", Repository.ReadText(path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("LICENSE")]
    [InlineData("docs/ARCHITECTURE.md")]
    public void A_newcomer_finds(string path) => Assert.Contains(path, Repository.Files);

    private static IEnumerable<MethodDeclarationSyntax> TestMethods(string folder) =>
        Repository
            .Sources.Where(file => file.Path.StartsWith(folder, StringComparison.Ordinal))
            .SelectMany(file => file.Root.DescendantNodes().OfType<MethodDeclarationSyntax>())
            .Where(IsTest);

    private static bool IsTest(MethodDeclarationSyntax method) =>
        method
            .AttributeLists.SelectMany(list => list.Attributes)
            .Any(attribute => attribute.Name.ToString() is "Fact" or "Theory");
}
