using Tidemark.Cli.Terminal;
using Tidemark.Core;

namespace Tidemark.Cli.Meta;

/// <summary>`tidemark version`.</summary>
internal sealed class VersionTool : ICommandLineTool
{
    /// <summary>This program's own version.</summary>
    public const string Tidemark = ProductVersion.Text;

    /// <summary>The version of the programs whose place ours take: their command lines, replies and files.</summary>
    public const string Compatible = "7.2";

    /// <summary>The release whose behaviour the drop-in tools show; scripts look for such a number.</summary>
    public const string CompatibleRelease = "7.2.22";

    /// <inheritdoc/>
    public string Name => "version";

    /// <inheritdoc/>
    public string Usage => "";

    /// <inheritdoc/>
    public string Summary => "print the version";

    /// <inheritdoc/>
    public bool IsDropIn => false;

    /// <inheritdoc/>
    public int Run(string[] arguments, ToolConsole console)
    {
        console.Out.WriteLine($"tidemark {Tidemark} (compatible with QEMU {Compatible})");
        return 0;
    }
}
