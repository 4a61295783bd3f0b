using Tidemark.Block.Contract;
using Tidemark.Block.Graph;

namespace Tidemark.Cli.Io.Commands;

/// <summary>Finds what can hold requests below the open image.</summary>
internal static class Breakpoints
{
    /// <summary>The topmost node that can, or null.</summary>
    public static IBreakpoints? Find(BlockNode top)
    {
        for (var node = top; node is not null; node = node.PrimaryChild?.Node)
        {
            if (node.Driver is IBreakpoints breakpoints)
            {
                return breakpoints;
            }
        }
        return null;
    }
}
