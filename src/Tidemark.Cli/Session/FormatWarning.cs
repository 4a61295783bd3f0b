using Tidemark.Block.Graph;
using Tidemark.Cli.Terminal;

namespace Tidemark.Cli.Session;

/// <summary>The warning about an image that is taken for raw only because nothing else was recognised in it.</summary>
internal static class FormatWarning
{
    /// <summary>Prints it, if <paramref name="node"/> was opened by <paramref name="filename"/> without a format and may be written.</summary>
    public static void PrintIfGuessed(ToolConsole console, string filename, BlockNode node)
    {
        if (node.IsReadOnly || node.Definition.Name != "raw" || FilenameParser.TryParseJson(filename) is not null)
        {
            return;
        }
        console.Out.Flush();
        console.Error.WriteLine($"WARNING: Image format was not specified for '{filename}' and probing guessed raw.");
        console.Error.WriteLine(
            "         Automatically detecting the format is dangerous for raw images, write operations on block 0 will be restricted."
        );
        console.Error.WriteLine("         Specify the 'raw' format explicitly to remove the restrictions.");
    }
}
