using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Cli.Options;

namespace Tidemark.Cli.Img;

/// <summary>qemu-img resize.</summary>
internal sealed class ResizeCommand : IImgCommand
{
    public string Name => "resize";

    public string Usage =>
        "[--object objectdef] [--image-opts] [-f fmt] [--preallocation=prealloc] [-q] [--shrink] filename [+ | -]size";

    public string Summary => "change an image's size";

    public OptionParser Options =>
        OptionParser.Of("h|help", "f|format=", "object=", "image-opts", "preallocation=", "q|quiet", "shrink");

    // "-1M" is a size here, not an option: the last word is taken off before options are looked for.
    public ParsedOptions Parse(IReadOnlyList<string> arguments)
    {
        if (arguments.Count < 2)
        {
            throw new UsageException("Not enough arguments");
        }
        var parsed = Options.Parse([.. arguments.Take(arguments.Count - 1)]);
        return new ParsedOptions([.. parsed.InOrder], [.. parsed.Operands, arguments[^1]]);
    }

    public async Task<int> RunAsync(ImgContext context, ParsedOptions options)
    {
        if (options.Operands.Count != 2)
        {
            throw new UsageException("Expecting image file name and size");
        }
        var (filename, size) = (options.Operands[0], options.Operands[1]);
        var (relative, bytes) = ParseSize(size);
        var preallocation = ParsePreallocation(options.Get("preallocation"));
        ObjectOptions.Accept(options);
        var node = await context.OpenAsync(
            filename,
            options.Get("format"),
            new ImgOpen
            {
                Writable = true,
                ImageOptions = options.Has("image-opts"),
                Unmap = true,
            }
        );
        try
        {
            await ResizeAsync(context, node, relative, bytes, preallocation, options);
        }
        finally
        {
            await context.Graph.ReleaseAsync(node);
        }
        return 0;
    }

    private static async Task ResizeAsync(
        ImgContext context,
        BlockNode node,
        int relative,
        long bytes,
        PreallocationMode preallocation,
        ParsedOptions options
    )
    {
        var current = node.SizeBytes;
        var target = relative == 0 ? bytes : checked(current + (relative * bytes));
        if (target <= 0)
        {
            throw new CommandException("New image size must be positive");
        }
        if (target <= current && preallocation != PreallocationMode.Off)
        {
            throw new CommandException("Preallocation can only be used for growing images");
        }
        if (target < current && !options.Has("shrink"))
        {
            context.Complain("Use the --shrink option to perform a shrink operation.");
            throw new CommandException(
                "warning: Shrinking an image will delete all data beyond the shrunken image's end. "
                    + "Before performing such an operation, make sure there is no important data there."
            );
        }
        await using var backend = BlockBackend.Create(
            node,
            BlockPermissions.Write | BlockPermissions.Resize,
            BlockPermissions.All
        );
        await backend.TruncateAsync(target, exact: true, preallocation);
        if (!options.Has("quiet"))
        {
            context.Out.WriteLine("Image resized.");
        }
    }

    private static (int Relative, long Bytes) ParseSize(string text)
    {
        var relative = text[..Math.Min(1, text.Length)] switch
        {
            "+" => 1,
            "-" => -1,
            _ => 0,
        };
        if (SizeParser.TryParse(relative == 0 ? text : text[1..], out var bytes) != SizeParser.Fault.None)
        {
            throw new CommandException(CreateOptionList.SizeMessage("size"));
        }
        return (relative, bytes);
    }

    private static PreallocationMode ParsePreallocation(string? mode) =>
        PreallocationName.TryParse(mode ?? "off") ?? throw new CommandException($"Invalid preallocation mode '{mode}'");
}
