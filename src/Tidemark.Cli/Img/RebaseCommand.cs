using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Cli.Options;
using Tidemark.Core.Errors;

namespace Tidemark.Cli.Img;

/// <summary>qemu-img rebase: gives an image another backing file, with or without keeping what it holds.</summary>
internal sealed class RebaseCommand : IImgCommand
{
    public string Name => "rebase";

    public string Usage =>
        "[--object objectdef] [--image-opts] [-U] [-q] [-f fmt] [-t cache] [-T src_cache] [-p] [-u] -b backing_file [-F backing_fmt] filename";

    public string Summary => "give an image another backing file";

    public OptionParser Options =>
        OptionParser.Of("h|help", "f=", "F=", "b=", "u", "p", "q|quiet", "t=", "T=", "U|force-share", "object=", "image-opts");

    public async Task<int> RunAsync(ImgContext context, ParsedOptions options)
    {
        if (options.Operands.Count != 1)
        {
            throw new UsageException("Expecting one image file name");
        }
        var unsafely = options.Has("u");
        if (!unsafely && !options.Has("b"))
        {
            throw new UsageException("Must specify backing file (-b) or use unsafe mode (-u)");
        }
        ObjectOptions.Accept(options);
        var sourceCache = CacheOption.Parse(options, "T", "source cache");
        var how = new ImgOpen
        {
            Writable = true,
            ForceShare = options.Has("force-share"),
            ImageOptions = options.Has("image-opts"),
            Cache = CacheOption.Parse(options, "t", "cache"),
            Unmap = true,
            Defaults = OpenDefaults.Reference with { OpenBacking = !unsafely },
        };
        var node = await context.OpenAsync(options.Operands[0], options.Get("f"), how);
        try
        {
            CheckFormat(context.Graph, options.Get("F"));
            if (!unsafely)
            {
                await KeepContentAsync(context, node, options, sourceCache);
            }
            await ChangeAsync(node, options);
        }
        finally
        {
            await context.Graph.ReleaseAsync(node);
        }
        return 0;
    }

    private static void CheckFormat(BlockGraph graph, string? format)
    {
        if (format is not null && !graph.Drivers.TryGet(format, out _))
        {
            throw new CommandException($"Invalid format name: '{format}'");
        }
    }

    private static async Task KeepContentAsync(ImgContext context, BlockNode node, ParsedOptions options, CacheMode cache)
    {
        BlockNode? next = null;
        if (options.Get("b") is { Length: > 0 } backing)
        {
            next = await OpenNewBackingAsync(context, node, backing, options, cache);
        }
        try
        {
            var progress = new Progress(context.Out, options.Has("p") && !options.Has("quiet"));
            await new RebaseCopy(node, next, progress).RunAsync();
            progress.Complete();
            progress.End();
        }
        finally
        {
            if (next is not null)
            {
                await context.Graph.ReleaseAsync(next);
            }
        }
    }

    private static async Task<BlockNode> OpenNewBackingAsync(
        ImgContext context,
        BlockNode node,
        string backing,
        ParsedOptions options,
        CacheMode cache
    )
    {
        var nodeOptions = new Core.Json.JsonObject { ["read-only"] = true };
        cache.AddTo(nodeOptions);
        if (options.Has("force-share"))
        {
            nodeOptions["force-share"] = true;
        }
        try
        {
            var filename = FilenameParser.Resolve(node.Driver.ExactFilename ?? "", backing);
            return await context.Graph.OpenFilenameAsync(filename, options.Get("F"), nodeOptions);
        }
        catch (BlockException error)
        {
            throw new CommandException($"Could not open new backing file '{backing}': {error.Message}");
        }
    }

    private static async Task ChangeAsync(BlockNode node, ParsedOptions options)
    {
        var backing = options.Get("b") is { Length: > 0 } name ? name : null;
        if (node.Driver is not IBackingFileDriver driver)
        {
            throw new CommandException($"Could not change the backing file to '{backing}': Operation not supported");
        }
        var format = options.Get("F");
        if (backing is not null && format is null)
        {
            throw new CommandException($"Could not change the backing file to '{backing}': backing format must be specified");
        }
        try
        {
            await driver.ChangeBackingFileAsync(backing, backing is null ? null : format);
        }
        catch (BlockException error)
        {
            throw error.Status == IoStatus.NoSpace
                ? new CommandException($"Could not change the backing file to '{backing}': No space left in the file header")
                : new CommandException($"Could not change the backing file to '{backing}': {error.Message}");
        }
    }
}
