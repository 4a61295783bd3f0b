using System.Text.RegularExpressions;
using Tidemark.Testing;

namespace Tidemark.Interop.Tests;

/// <summary>What the documents tell people to type works as it stands.</summary>
public sealed partial class HowtoTests
{
    [Theory]
    [InlineData("fleece.md")]
    [InlineData("move-a-disk.md")]
    [InlineData("snapshots.md")]
    [InlineData("test-a-manager.md")]
    public void A_howto_can_be_typed_as_it_stands(string name)
    {
        var text = File.ReadAllText(Path.Combine(RepositoryRoot(), "docs", "howto", name));
        using var folder = TempFolder.OnDisk();
        using var typist = new Typist(folder.Path);
        var blocks = Blocks().Matches(text);
        Assert.InRange(blocks.Count, 6, 30);
        foreach (Match block in blocks)
        {
            if (block.Groups["kind"].Value == "sh")
            {
                typist.Shell(block.Groups["body"].Value);
            }
            else
            {
                foreach (var request in Requests().Split(block.Groups["body"].Value).Where(static r => r.Trim().Length > 0))
                {
                    typist.Command(request);
                }
            }
        }
    }

    private static string RepositoryRoot()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(at.FullName, "Tidemark.slnx")))
        {
            at = at.Parent ?? throw new InvalidOperationException("the tests run inside the repository");
        }
        return at.FullName;
    }

    [GeneratedRegex("^```(?<kind>sh|json)\n(?<body>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Blocks();

    [GeneratedRegex("^(?=\\{\"execute\")", RegexOptions.Multiline)]
    private static partial Regex Requests();
}
