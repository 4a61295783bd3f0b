using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Cli.Options;
using Tidemark.Core.Errors;

namespace Tidemark.Cli.Img;

/// <summary>qemu-img check: 0 for a clean image, 1 when the check itself failed, 2 for errors, 3 for leaks, 63 where there is no check.</summary>
internal sealed class CheckCommand : IImgCommand
{
    private const int Unsupported = 63;

    public string Name => "check";

    public string Usage =>
        "[--object objectdef] [--image-opts] [-q] [-f fmt] [--output=ofmt] [-r [leaks | all]] [-T src_cache] [-U] filename";

    public string Summary => "check an image's metadata, and repair it";

    public OptionParser Options =>
        OptionParser.Of("h|help", "f|format=", "repair|r=", "output=", "object=", "image-opts", "q|quiet", "T=", "U|force-share");

    public async Task<int> RunAsync(ImgContext context, ParsedOptions options)
    {
        var repair = options.Get("repair") switch
        {
            null => ImageRepair.None,
            "leaks" => ImageRepair.Leaks,
            "all" => ImageRepair.Leaks | ImageRepair.Errors,
            var other => throw new UsageException($"Unknown option value for -r (expecting 'leaks' or 'all'): {other}"),
        };
        var json = OutputFormat.IsJson(options);
        if (options.Operands.Count != 1)
        {
            throw new UsageException("Expecting one image file name");
        }
        ObjectOptions.Accept(options);
        var how = new ImgOpen
        {
            Writable = repair != ImageRepair.None,
            ForceShare = options.Has("force-share"),
            ImageOptions = options.Has("image-opts"),
            Cache = CacheOption.Parse(options, "T", "source cache"),
            Defaults = OpenDefaults.Reference with { ForCheck = true },
        };
        var node = await context.OpenAsync(options.Operands[0], options.Get("format"), how);
        try
        {
            return await CheckAsync(context, node, repair, json, options.Has("quiet"));
        }
        finally
        {
            await context.Graph.ReleaseAsync(node);
        }
    }

    private static async Task<int> CheckAsync(ImgContext context, BlockNode node, ImageRepair repair, bool json, bool quiet)
    {
        if (node.Driver is not IImageChecker checker)
        {
            context.Complain("This image format does not support checks");
            return Unsupported;
        }
        try
        {
            var result = await checker.CheckAsync(repair, Report);
            if (result.CorruptionsFixed > 0 || result.LeaksFixed > 0)
            {
                result = await CheckAgainAsync(context, checker, result, json, quiet);
            }
            if (!quiet)
            {
                CheckText.Print(context.Out, node, result, json);
            }
            return CheckText.ExitCode(result);
        }
        catch (BlockException error)
        {
            if (error.Hint is { } reason)
            {
                context.Complain(reason);
            }
            context.Complain($"Check failed: {error.Status.Describe()}");
            return 1;
        }

        void Report(string line)
        {
            context.Out.Flush();
            context.Console.Error.WriteLine(line);
        }
    }

    private static async Task<ImageCheckResult> CheckAgainAsync(
        ImgContext context,
        IImageChecker checker,
        ImageCheckResult repaired,
        bool json,
        bool quiet
    )
    {
        if (!json && !quiet)
        {
            context.Out.WriteLine("The following inconsistencies were found and repaired:");
            context.Out.WriteLine();
            context.Out.WriteLine($"    {repaired.LeaksFixed} leaked clusters");
            context.Out.WriteLine($"    {repaired.CorruptionsFixed} corruptions");
            context.Out.WriteLine();
            context.Out.WriteLine("Double checking the fixed image now...");
            context.Out.Flush();
        }
        var again = await checker.CheckAsync(ImageRepair.None, line => context.Console.Error.WriteLine(line));
        again.LeaksFixed = repaired.LeaksFixed;
        again.CorruptionsFixed = repaired.CorruptionsFixed;
        return again;
    }
}
