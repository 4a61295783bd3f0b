using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Cli.Io.Commands;

/// <summary>alloc: how much of a range the image itself holds.</summary>
internal sealed class AllocCommand : IIoCommand
{
    private const long DefaultLength = 512;

    public string Name => "alloc";

    public string? ShortName => "a";

    public string Syntax => "offset [count]";

    public string Summary => "checks if offset is allocated in the file";

    public int LeastWords => 1;

    public int MostWords => 2;

    public async ValueTask<bool> RunAsync(IoSession session, IoWords words)
    {
        var image = session.OpenImage;
        var start = IoWords.Bytes(words.Rest[0]);
        var wanted = words.Rest.Count > 1 ? IoWords.Bytes(words.Rest[1]) : DefaultLength;
        var end = Math.Max(start, Math.Min(image.SizeBytes, start + Math.Min(wanted, long.MaxValue - start)));
        var held = 0L;
        for (var offset = start; offset < end; )
        {
            var (status, isAllocated, length) = await Allocation.FindAsync(image, ByteRange.Between(offset, end));
            if (status != IoStatus.Ok)
            {
                session.Out.WriteLine($"is_allocated failed: {status.Describe()}");
                return false;
            }
            held += isAllocated ? length : 0;
            offset += length;
        }
        session.Out.WriteLine($"{held}/{end - start} bytes allocated at offset {IoText.Size(start)}");
        return true;
    }
}
