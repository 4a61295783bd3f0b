using System.Xml.Linq;

namespace Tidemark.Tidy.Tests;

/// <summary>Who may know whom: the table of the rooms.</summary>
public sealed class ReferenceTests
{
    private static readonly Dictionary<string, string[]> MayReference = new()
    {
        ["Core"] = [],
        ["Io"] = ["Core"],
        ["Bitmaps"] = ["Core"],
        ["Nbd"] = ["Core"],
        ["Qmp"] = ["Core"],
        ["Block"] = ["Core", "Io", "Bitmaps"],
        ["Drivers"] = ["Core", "Io", "Block", "Bitmaps", "Nbd"],
        ["Jobs"] = ["Core", "Io", "Block", "Bitmaps"],
        ["Exports"] = ["Core", "Io", "Block", "Bitmaps", "Nbd"],
        ["Control"] = ["Core", "Io", "Block", "Bitmaps", "Jobs", "Exports", "Qmp"],
        ["Backup"] = ["Core", "Io", "Block", "Nbd", "Qmp"],
        ["Cli"] = ["Core", "Io", "Bitmaps", "Nbd", "Qmp", "Block", "Drivers", "Jobs", "Exports", "Control", "Backup"],
        ["Generators"] = [],
    };

    // Packages that reach a user; the analyzers and generators of the build are not among them.
    private static readonly Dictionary<string, string[]> MayUsePackage = new()
    {
        ["Cli"] = ["Spectre.Console"],
        ["Generators"] = ["Microsoft.CodeAnalysis.CSharp"],
    };

    [Fact]
    public void A_room_references_only_the_rooms_that_the_table_allows()
    {
        var wrong = new List<string>();
        foreach (var project in Repository.Projects("src"))
        {
            var room = RoomOf(project);
            if (!MayReference.TryGetValue(room, out var allowed))
            {
                wrong.Add($"{room} is a room that the table does not know");
                continue;
            }

            wrong.AddRange(
                References(project)
                    .Where(reference => !reference.AsAnalyzer && !allowed.Contains(reference.Room))
                    .Select(reference => $"{room} must not reference {reference.Room}")
            );
        }

        Breaches.None(wrong);
    }

    [Fact]
    public void Only_the_executable_is_referenced_by_nobody_and_nothing_is_forgotten()
    {
        var referenced = Repository
            .Projects("src")
            .SelectMany(References)
            .Select(reference => reference.Room)
            .ToHashSet(StringComparer.Ordinal);
        var unreferenced = Repository.Projects("src").Select(RoomOf).Where(room => !referenced.Contains(room));
        Assert.Equal(["Cli"], unreferenced);
    }

    [Fact]
    public void A_generator_is_referenced_as_an_analyzer_only() =>
        Assert.All(
            Repository.Projects("src").SelectMany(References).Where(reference => reference.Room == "Generators"),
            reference => Assert.True(reference.AsAnalyzer)
        );

    [Fact]
    public void A_room_uses_no_package_that_the_table_does_not_name()
    {
        var wrong =
            from project in Repository.Projects("src")
            from package in Items(project, "PackageReference")
            where !MayUsePackage.GetValueOrDefault(RoomOf(project), []).Contains(package.Attribute("Include")?.Value)
            select $"{RoomOf(project)} uses {package.Attribute("Include")?.Value}";
        Breaches.None(wrong);
    }

    [Fact]
    public void Package_versions_stand_in_one_place()
    {
        var wrong =
            from project in Repository.Files.Where(path => path.EndsWith(".csproj", StringComparison.Ordinal))
            from package in Items(project, "PackageReference")
            where package.Attribute("Version") is not null || package.Attribute("VersionOverride") is not null
            select $"{project}: {package.Attribute("Include")?.Value}";
        Breaches.None(wrong);
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = XDocument.Parse(Repository.ReadText("Tidemark.slnx"));
        var listed = solution
            .Descendants("Project")
            .Select(project => project.Attribute("Path")!.Value)
            .Order(StringComparer.Ordinal);
        Assert.Equal(Repository.Files.Where(path => path.EndsWith(".csproj", StringComparison.Ordinal)), listed);
    }

    private static string RoomOf(string project) => Path.GetFileNameWithoutExtension(project)["Tidemark.".Length..];

    private static IEnumerable<(string Room, bool AsAnalyzer)> References(string project) =>
        Items(project, "ProjectReference")
            .Select(item =>
                (
                    RoomOf(item.Attribute("Include")!.Value.Replace('\\', '/')),
                    item.Attribute("OutputItemType")?.Value == "Analyzer"
                )
            );

    private static IEnumerable<XElement> Items(string project, string kind) =>
        XDocument.Parse(Repository.ReadText(project)).Descendants(kind);
}
