using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Cli.Options;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Cli.Img;

/// <summary>qemu-img convert: copies images, one after the other, into a new one of any format.</summary>
internal sealed class ConvertCommand : IImgCommand
{
    public string Name => "convert";

    public string Usage =>
        "[--object objectdef] [--image-opts] [--target-image-opts] [--target-is-zero] [--bitmaps [--skip-broken-bitmaps]] [-U] [-p] [-q] [-n] [-c] "
        + "[-f fmt] [-t cache] [-T src_cache] [-O output_fmt] [-B backing_file [-F backing_fmt]] [-l snapshot_param] [-o options] [-S sparse_size] "
        + "[-m num_coroutines] [-W] filename [filename2 [...]] output_filename";

    public string Summary => "copy an image into another, of any format";

    public OptionParser Options =>
        OptionParser.Of(
            "h|help",
            "f=",
            "F=",
            "O=",
            "B=",
            "o=",
            "S=",
            "t=",
            "T=",
            "m=",
            "l=",
            "p",
            "q|quiet",
            "n",
            "W",
            "c",
            "U|force-share",
            "object=",
            "image-opts",
            "target-image-opts",
            "target-is-zero",
            "bitmaps",
            "skip-broken-bitmaps"
        );

    public async Task<int> RunAsync(ImgContext context, ParsedOptions options)
    {
        var plan = ConvertPlan.Read(context.Graph, options);
        List<BlockNode> sources = [];
        BlockNode? target = null;
        try
        {
            var how = new ImgOpen
            {
                ForceShare = options.Has("force-share"),
                ImageOptions = options.Has("image-opts"),
                Cache = plan.SourceCache,
            };
            foreach (var filename in plan.Sources)
            {
                sources.Add(await context.OpenAsync(filename, options.Get("f"), how));
            }
            if (plan.Snapshot is { } snapshot)
            {
                await snapshot.ShowAsync(sources);
            }
            plan.CheckCompression();
            plan.CheckBitmaps(context, sources);
            if (!plan.SkipCreation)
            {
                await CreateTargetAsync(context, plan, sources);
            }
            target = await OpenTargetAsync(context, plan);
            await CopyAsync(context, plan, sources, target);
        }
        finally
        {
            if (target is not null)
            {
                await context.Graph.ReleaseAsync(target);
            }
            foreach (var source in sources)
            {
                await context.Graph.ReleaseAsync(source);
            }
        }
        return 0;
    }

    private static async Task CreateTargetAsync(ImgContext context, ConvertPlan plan, List<BlockNode> sources)
    {
        var list = plan.CreateOptions!;
        if (list["size"] is null)
        {
            list.Set("size", sources.Sum(static s => s.SizeBytes).ToString());
        }
        try
        {
            await plan.TargetFormat.Creation!.CreateFileAsync(context.Graph, plan.Target, list.ToOptions());
        }
        catch (BlockException error)
        {
            throw new CommandException($"{plan.Target}: error while converting {plan.TargetFormat.Name}: {error.Message}");
        }
    }

    private static Task<BlockNode> OpenTargetAsync(ImgContext context, ConvertPlan plan) =>
        context.OpenAsync(
            plan.Target,
            plan.TargetByOptions ? null : plan.TargetFormat.Name,
            new ImgOpen
            {
                Writable = true,
                ImageOptions = plan.TargetByOptions,
                Cache = plan.TargetCache,
                Unmap = true,
            }
        );

    private static async Task CopyAsync(ImgContext context, ConvertPlan plan, List<BlockNode> sources, BlockNode target)
    {
        if (sources.Sum(static s => s.SizeBytes) > target.SizeBytes)
        {
            throw new CommandException("output file is smaller than input file");
        }
        var progress = new Progress(context.Out, plan.ShowProgress);
        await using var copy = await ConvertCopy.BeginAsync(plan, sources, target, progress);
        await copy.RunAsync();
        progress.Complete();
        progress.End();
        if (plan.CopyBitmaps)
        {
            await ConvertBitmaps.CopyAsync(context, sources[0], target, plan.SkipBrokenBitmaps);
        }
    }
}
