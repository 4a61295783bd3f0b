using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Tidemark.Tidy.Tests;

/// <summary>What a stranger must not stumble over: unfinished work, places of one machine, names that are not the product's.</summary>
public sealed partial class WordingTests
{
    private static readonly string[] TextFiles =
    [
        ".cs",
        ".csproj",
        ".props",
        ".targets",
        ".slnx",
        ".md",
        ".json",
        ".sh",
        ".py",
        ".txt",
        ".yml",
        "",
    ];

    // Marks of unfinished work, spelt in two parts so that this file is clean itself.
    private static readonly string[] Unfinished =
    [
        "TO" + "DO",
        "FIX" + "ME",
        "XX" + "X",
        "HA" + "CK",
        "NotImplemented" + "Exception",
    ];

    // Paths that exist on one machine only, and hosts that a build may use but a text must not name.
    private static readonly string[] Places =
    [
        "/wo" + "rk/",
        "/fa" + "rm/",
        "/ro" + "ot/",
        "/Use" + "rs/",
        "../sha" + "red",
        "nuget" + ".org",
        "npmjs" + ".org",
        "pypi" + ".org",
    ];

    // First four bytes of the SHA-256 of words that have no business here, so that the list does not hold them.
    private static readonly HashSet<string> Foreign = new(StringComparer.Ordinal)
    {
        "c857d09d",
        "c70eca6b",
        "7d3194f7",
        "60965168",
        "3ea125d0",
        "94a168d2",
        "d298391b",
        "57de4cf4",
        "5d724362",
    };

    [Fact]
    public void Nothing_says_that_it_is_unfinished() =>
        AssertNone(
            (path, line) =>
                Unfinished.FirstOrDefault(mark => Regex.IsMatch(line, $@"\b{mark}\b", RegexOptions.None, TimeSpan.FromSeconds(1)))
        );

    [Fact]
    public void Nothing_names_a_place_of_one_machine() =>
        AssertNone((path, line) => Places.FirstOrDefault(place => line.Contains(place, StringComparison.Ordinal)));

    [Fact]
    public void Nothing_names_what_is_not_the_products() =>
        AssertNone(
            (path, line) =>
                Word().Matches(line).Select(match => match.Value).FirstOrDefault(word => Foreign.Contains(Fingerprint(word)))
        );

    [Fact]
    public void A_number_in_some_tracker_explains_nothing() =>
        AssertNone((path, line) => TrackerNumber().Match(line) is { Success: true } match ? match.Value : null);

    [Fact]
    public void No_test_is_switched_off_for_good() =>
        AssertNone(
            (path, line) => path.EndsWith(".cs", StringComparison.Ordinal) && SkipAttribute().IsMatch(line) ? "Skip" : null
        );

    [Fact]
    public void Links_between_documents_lead_somewhere()
    {
        var broken =
            from path in Repository.Files.Where(path => path.EndsWith(".md", StringComparison.Ordinal))
            from Match link in MarkdownLink().Matches(Repository.ReadText(path))
            let target = link.Groups[1].Value.Split('#')[0]
            where target.Length > 0 && !target.Contains("://", StringComparison.Ordinal)
            let full = Path.Combine(Repository.Root, Path.GetDirectoryName(path)!, target)
            where !File.Exists(full) && !Directory.Exists(full)
            select $"{path}: {target}";
        Breaches.None(broken);
    }

    [Fact]
    public void Files_that_the_architecture_names_are_there()
    {
        var missing =
            from Match name in SourcePath().Matches(Repository.ReadText("docs/ARCHITECTURE.md"))
            let path = name.Value.StartsWith("tests/", StringComparison.Ordinal) ? name.Value : $"src/Tidemark.{name.Value}"
            where !Repository.Files.Contains(path)
            select path;
        Breaches.None(missing);
    }

    private static void AssertNone(Func<string, string, string?> find)
    {
        var found = new List<(string Place, string What)>();
        foreach (var path in Repository.Files.Where(path => TextFiles.Contains(Path.GetExtension(path))))
        {
            var number = 0;
            foreach (var line in Repository.ReadText(path).Split('\n'))
            {
                number++;
                if (find(path, line) is { } what && !Exceptions.Allow(Exceptions.Wording, path))
                {
                    found.Add(($"{path}:{number.ToString(CultureInfo.InvariantCulture)}", what));
                }
            }
        }

        Breaches.None(found.Select(breach => $"{breach.Place}: {breach.What}"));
    }

    private static string Fingerprint(string word) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(word.ToLowerInvariant())).AsSpan(0, 4));

    [GeneratedRegex(@"[A-Za-z]{4,}")]
    private static partial Regex Word();

    [GeneratedRegex(@"\b[Ii]ssues? #?[0-9]+\b")]
    private static partial Regex TrackerNumber();

    [GeneratedRegex(@"\[(Fact|Theory)\([^\]]*Skip *=")]
    private static partial Regex SkipAttribute();

    [GeneratedRegex(@"\b[A-Za-z]+(/[A-Za-z.0-9]+)+\.(cs|md)\b(?!\))")]
    private static partial Regex SourcePath();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex MarkdownLink();
}
