using Tidemark.Bitmaps;
using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Cli.Options;
using Tidemark.Cli.Session;
using Tidemark.Core.Errors;

namespace Tidemark.Cli.Img;

/// <summary>qemu-img bitmap: changes the bitmaps that an image stores.</summary>
internal sealed class BitmapCommand : IImgCommand
{
    private static readonly string[] Actions = ["add", "remove", "clear", "enable", "disable", "merge"];

    public string Name => "bitmap";

    public string Usage =>
        "(--merge SOURCE | --add | --remove | --clear | --enable | --disable)... [-b source_file [-F source_fmt]] [-g granularity] "
        + "[--object objectdef] [--image-opts | -f fmt] filename bitmap";

    public string Summary => "change the dirty bitmaps that an image stores";

    public OptionParser Options =>
        OptionParser.Of(
            "h|help",
            "b=",
            "F=",
            "f=",
            "g=",
            "object=",
            "image-opts",
            "add",
            "remove",
            "clear",
            "enable",
            "disable",
            "merge="
        );

    public async Task<int> RunAsync(ImgContext context, ParsedOptions options)
    {
        CheckUsage(options);
        var granularity = SizeOption.Parse(options, "g", "granularity");
        if (granularity is not null && !options.Has("add"))
        {
            throw new CommandException("granularity only supported with --add");
        }
        ObjectOptions.Accept(options);
        var (filename, bitmap) = (options.Operands[0], options.Operands[1]);
        var byOptions = options.Has("image-opts");
        var node = await context.OpenAsync(filename, options.Get("f"), new ImgOpen { Writable = true, ImageOptions = byOptions });
        BlockNode? source = null;
        try
        {
            if (options.Get("b") is { } sourceFile)
            {
                source = await context.OpenAsync(sourceFile, options.Get("F"), new ImgOpen());
            }
            return await ApplyAllAsync(context, node, source ?? node, bitmap, granularity, options) ? 0 : 1;
        }
        finally
        {
            if (source is not null)
            {
                await context.Graph.ReleaseAsync(source);
            }
            await context.Graph.ReleaseAsync(node);
        }
    }

    private static void CheckUsage(ParsedOptions options)
    {
        if (!options.InOrder.Any(static o => Actions.Contains(o.Key, StringComparer.Ordinal)))
        {
            throw new CommandException("Need at least one of --add, --remove, --clear, --enable, --disable, or --merge");
        }
        if (options.Operands.Count != 2)
        {
            throw new CommandException("Expecting filename and bitmap name");
        }
        if (options.Has("F") && !options.Has("b"))
        {
            throw new CommandException("-F only supported with -b");
        }
        if (options.Has("b") && !options.Has("merge"))
        {
            throw new CommandException("Merge bitmap source file requires at least one --merge");
        }
    }

    private static async Task<bool> ApplyAllAsync(
        ImgContext context,
        BlockNode node,
        BlockNode source,
        string name,
        long? granularity,
        ParsedOptions options
    )
    {
        foreach (var (action, value) in options.InOrder)
        {
            if (!Actions.Contains(action, StringComparer.Ordinal))
            {
                continue;
            }
            try
            {
                await ApplyAsync(node, source, action, value, name, granularity);
            }
            catch (BlockException error)
            {
                ToolSession.Report(context.Console, $"Operation {action} on bitmap {name} failed: {error.Message}", error.Hint);
                return false;
            }
        }
        return true;
    }

    private static async Task ApplyAsync(
        BlockNode node,
        BlockNode source,
        string action,
        string value,
        string name,
        long? granularity
    )
    {
        switch (action)
        {
            case "add":
                _ = await NodeBitmaps.AddAsync(node, name, granularity, persistent: true, recording: true);
                break;
            case "remove":
                await NodeBitmaps.RemoveAsync(node, NodeBitmaps.Require(node, name, BitmapAccess.Remove));
                break;
            case "clear":
                NodeBitmaps.Require(node, name, BitmapAccess.Modify).Clear();
                break;
            case "enable":
                NodeBitmaps.Require(node, name, BitmapAccess.Read).Enable();
                break;
            case "disable":
                NodeBitmaps.Require(node, name, BitmapAccess.Read).Disable();
                break;
            default:
                var target = NodeBitmaps.Require(node, name, BitmapAccess.Modify);
                var from = source.Bitmaps.Find(value) ?? throw NodeBitmaps.NotFound(value);
                target.MergeFrom([from]);
                break;
        }
    }
}
