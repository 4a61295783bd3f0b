using Tidemark.Cli.Demo;
using Tidemark.Cli.Img;
using Tidemark.Cli.Io;
using Tidemark.Cli.Machine;
using Tidemark.Cli.Meta;
using Tidemark.Cli.StorageDaemon;

namespace Tidemark.Cli;

/// <summary>Every tool and verb of the executable, in the order of the help. A new one is one line here.</summary>
internal static class BuiltinTools
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<ICommandLineTool> All { get; } =
    [
        new ImgTool(),
        new IoTool(),
        new StorageDaemonTool(),
        new MachineTool(),
        new DemoTool(),
        new LinksTool(),
        new HelpTool(),
        new VersionTool(),
    ];

    /// <summary>The tool called <paramref name="name"/>, or null.</summary>
    public static ICommandLineTool? Find(string name)
    {
        foreach (var tool in All)
        {
            if (tool.Name == name)
            {
                return tool;
            }
        }

        return null;
    }
}
