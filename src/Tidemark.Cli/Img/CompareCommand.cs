using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Cli.Options;

namespace Tidemark.Cli.Img;

/// <summary>qemu-img compare: 0 for identical images, 1 for different ones, 2 and more for errors.</summary>
internal sealed class CompareCommand : IImgCommand
{
    private const int OpenFailed = 2;

    private const double ProgressStep = 2;

    public string Name => "compare";

    public string Usage =>
        "[--object objectdef] [--image-opts] [-f fmt] [-F fmt] [-T src_cache] [-p] [-q] [-s] [-U] filename1 filename2";

    public string Summary => "compare what two images hold";

    public OptionParser Options =>
        OptionParser.Of("h|help", "f=", "F=", "T=", "p", "q|quiet", "s", "U|force-share", "object=", "image-opts");

    public async Task<int> RunAsync(ImgContext context, ParsedOptions options)
    {
        if (options.Operands.Count != 2)
        {
            throw new UsageException("Expecting two image file names");
        }
        ObjectOptions.Accept(options);
        var how = new ImgOpen
        {
            ForceShare = options.Has("force-share"),
            ImageOptions = options.Has("image-opts"),
            Cache = CacheOption.Parse(options, "T", "source cache"),
        };
        var first = await context.OpenAsync(options.Operands[0], options.Get("f"), how, OpenFailed);
        try
        {
            var second = await context.OpenAsync(options.Operands[1], options.Get("F"), how, OpenFailed);
            try
            {
                return await CompareAsync(context, first, second, options);
            }
            finally
            {
                await context.Graph.ReleaseAsync(second);
            }
        }
        finally
        {
            await context.Graph.ReleaseAsync(first);
        }
    }

    private static async Task<int> CompareAsync(ImgContext context, BlockNode first, BlockNode second, ParsedOptions options)
    {
        var say = options.Has("quiet") ? TextWriter.Null : context.Out;
        var strict = options.Has("s");
        if (strict && first.SizeBytes != second.SizeBytes)
        {
            say.WriteLine("Strict mode: Image size mismatch!");
            return 1;
        }
        await using var left = BlockBackend.Create(first, BlockPermissions.ConsistentRead, BlockPermissions.All);
        await using var right = BlockBackend.Create(second, BlockPermissions.ConsistentRead, BlockPermissions.All);
        var progress = new Progress(context.Out, options.Has("p") && !options.Has("quiet"), ProgressStep);
        var (leftName, rightName) = (options.Operands[0], options.Operands[1]);
        var comparison = new ImageComparison(left, right, leftName, rightName, strict, progress, say.WriteLine);
        var difference = await comparison.FindDifferenceAsync();
        say.WriteLine(difference ?? "Images are identical.");
        if (difference is null)
        {
            progress.End();
        }
        return difference is null ? 0 : 1;
    }
}
