using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Cli.Options;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Cli.Img;

/// <summary>qemu-img map: where an image's data lies.</summary>
internal sealed class MapCommand : IImgCommand
{
    public string Name => "map";

    public string Usage =>
        "[--object objectdef] [--image-opts] [-f fmt] [--start-offset=offset] [--max-length=len] [--output=ofmt] [-U] filename";

    public string Summary => "show where an image's data lies";

    public OptionParser Options =>
        OptionParser.Of(
            "h|help",
            "f|format=",
            "output=",
            "object=",
            "image-opts",
            "U|force-share",
            "s|start-offset=",
            "l|max-length="
        );

    public async Task<int> RunAsync(ImgContext context, ParsedOptions options)
    {
        var json = OutputFormat.IsJson(options);
        var start = SizeOption.Parse(options, "start-offset", "start offset") ?? 0;
        var longest = SizeOption.Parse(options, "max-length", "max length") ?? long.MaxValue;
        if (options.Operands.Count != 1)
        {
            throw new UsageException("Expecting one image file name");
        }
        ObjectOptions.Accept(options);
        var how = new ImgOpen { ForceShare = options.Has("force-share"), ImageOptions = options.Has("image-opts") };
        var node = await context.OpenAsync(options.Operands[0], options.Get("format"), how);
        IMapPrinter printer = json ? new JsonMapPrinter(context.Out) : new HumanMapPrinter(context.Out);
        try
        {
            await MapAsync(node, start, longest, printer);
        }
        finally
        {
            await context.Graph.ReleaseAsync(node);
        }
        return 0;
    }

    private static async Task MapAsync(BlockNode node, long start, long longest, IMapPrinter printer)
    {
        var end = longest > node.SizeBytes - start ? node.SizeBytes : start + longest;
        printer.Begin();
        var current = new MapEntry { Start = start };
        while (current.Start + current.Length < end)
        {
            var next = await QueryAsync(node, ByteRange.Between(current.Start + current.Length, end));
            if (current.Joins(next))
            {
                current = current with { Length = current.Length + next.Length };
                continue;
            }
            if (current.Length > 0)
            {
                printer.Print(current, next);
            }
            current = next;
        }
        printer.Print(current, next: null);
    }

    private static async Task<MapEntry> QueryAsync(BlockNode node, ByteRange range)
    {
        var (status, depth) = await node.BlockStatusAboveAsync(baseNode: null, includeBase: false, range, wantZero: true);
        if (status.Status != IoStatus.Ok)
        {
            throw new CommandException($"Could not read file metadata: {status.Status.Describe()}");
        }
        var hasOffset = (status.Flags & BlockStatusFlags.OffsetValid) != 0 && (status.IsData || status.IsZero);
        return new MapEntry
        {
            Start = range.Offset,
            Length = status.Length,
            IsData = status.IsData,
            IsZero = status.IsZero,
            IsPresent = status.IsAllocated,
            Depth = depth == 0 ? ChainLength(node) - 1 : depth - 1,
            Offset = hasOffset ? status.HostOffset : null,
            Filename = hasOffset && status.File is not null ? NodeFilename.Of(status.File) : null,
        };
    }

    private static int ChainLength(BlockNode node)
    {
        var length = 1;
        for (var next = node.NextInChain; next is not null; next = next.NextInChain)
        {
            length++;
        }
        return length;
    }
}
