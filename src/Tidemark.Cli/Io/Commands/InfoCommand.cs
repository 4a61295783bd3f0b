using Tidemark.Block.Contract;
using Tidemark.Cli.Img;
using Tidemark.Core.Json;

namespace Tidemark.Cli.Io.Commands;

/// <summary>info.</summary>
internal sealed class InfoCommand : IIoCommand
{
    public string Name => "info";

    public string? ShortName => "i";

    public string Syntax => "";

    public string Summary => "prints information about the current file";

    public ValueTask<bool> RunAsync(IoSession session, IoWords words)
    {
        var node = session.OpenImage.Node;
        if (node.Definition.Name is "file" or "host_device" or "nbd")
        {
            // Drivers that know nothing of formats have nothing to tell.
            return new(false);
        }
        var info = ImageInfo.Collect(node);
        session.Out.WriteLine($"format name: {node.Definition.Name}");
        session.Out.WriteLine($"cluster size: {IoText.Size(node.Driver.ClusterSize)}");
        session.Out.WriteLine($"vm state offset: {IoText.Size(StateOffset(node.Definition.Name, node.SizeBytes, node.Driver))}");
        if (
            info.TryGetValue("format-specific", out var specific)
            && specific is JsonObject container
            && container["data"] is JsonObject data
        )
        {
            session.Out.WriteLine("Format specific information:");
            InfoText.PrintMembers(session.Out, data, indent: 4);
        }
        return new(true);
    }

    // A machine's saved state lies behind the guest's addresses, from the next whole table of the second level on.
    private static long StateOffset(string format, long size, BlockDriver driver)
    {
        if (format != "qcow2")
        {
            return 0;
        }
        var table = (long)driver.ClusterSize * (driver.ClusterSize / sizeof(long));
        return (size + table - 1) / table * table;
    }
}
