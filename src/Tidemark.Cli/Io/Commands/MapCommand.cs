using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Cli.Io.Commands;

/// <summary>map: what the image itself holds, apart from its backing file.</summary>
internal sealed class MapCommand : IIoCommand
{
    public string Name => "map";

    public string Syntax => "";

    public string Summary => "prints the allocated areas of a file";

    public async ValueTask<bool> RunAsync(IoSession session, IoWords words)
    {
        var image = session.OpenImage;
        for (long offset = 0; offset < image.SizeBytes; )
        {
            var (status, isAllocated, length) = await Allocation.FindAsync(image, ByteRange.Between(offset, image.SizeBytes));
            if (status != IoStatus.Ok)
            {
                session.Complain($"Failed to get allocation status: {status.Describe()}");
                return false;
            }
            session.Out.WriteLine(
                $"{IoText.Size(length)} (0x{length:x}) bytes {(isAllocated ? "    allocated" : "not allocated")} at offset {IoText.Size(offset)} (0x{offset:x})"
            );
            offset += length;
        }
        return true;
    }
}
