namespace Tidemark.Tidy.Tests;

/// <summary>The verdict of a rule: every breach, one a line.</summary>
internal static class Breaches
{
    public static void None(IEnumerable<string> found)
    {
        var lines = found.ToList();
        if (lines.Count > 0)
        {
            Assert.Fail(string.Join('\n', lines));
        }
    }
}
