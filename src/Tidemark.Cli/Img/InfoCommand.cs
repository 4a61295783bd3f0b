using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Cli.Options;
using Tidemark.Core.Json;

namespace Tidemark.Cli.Img;

/// <summary>qemu-img info.</summary>
internal sealed class InfoCommand : IImgCommand
{
    public string Name => "info";

    public string Usage => "[--object objectdef] [--image-opts] [-f fmt] [--output=ofmt] [--backing-chain] [-U] filename";

    public string Summary => "show what an image is";

    public OptionParser Options =>
        OptionParser.Of("h|help", "f|format=", "output=", "backing-chain", "object=", "image-opts", "U|force-share");

    public async Task<int> RunAsync(ImgContext context, ParsedOptions options)
    {
        var json = OutputFormat.IsJson(options);
        if (options.Operands.Count != 1)
        {
            throw new UsageException("Expecting one image file name");
        }
        ObjectOptions.Accept(options);
        var images = await CollectAsync(context, options);
        if (json)
        {
            JsonValue printed = options.Has("backing-chain") ? new JsonArray(images.Select(static i => i.Info)) : images[0].Info;
            context.Out.WriteLine(printed.ToJson(pretty: true));
            return 0;
        }
        for (var i = 0; i < images.Count; i++)
        {
            if (i > 0)
            {
                context.Out.WriteLine();
            }
            InfoText.Print(context.Out, images[i].Info, images[i].Snapshots);
        }
        return 0;
    }

    private static async Task<List<(JsonObject Info, IReadOnlyList<SnapshotInfo> Snapshots)>> CollectAsync(
        ImgContext context,
        ParsedOptions options
    )
    {
        List<(JsonObject, IReadOnlyList<SnapshotInfo>)> images = [];
        HashSet<string> seen = new(StringComparer.Ordinal);
        var (filename, format) = (options.Operands[0], options.Get("format"));
        var byOptions = options.Has("image-opts");
        while (true)
        {
            if (!seen.Add(filename))
            {
                throw new CommandException($"Backing file '{filename}' creates an infinite loop.");
            }
            var how = new ImgOpen
            {
                ForceShare = options.Has("force-share"),
                ImageOptions = byOptions,
                Defaults = OpenDefaults.Reference with { OpenBacking = false },
            };
            var node = await context.OpenAsync(filename, format, how);
            var info = ImageInfo.Collect(node);
            var snapshots = (node.Driver as ISnapshotDriver)?.Snapshots ?? [];
            await context.Graph.ReleaseAsync(node);
            images.Add((info, snapshots));
            if (!options.Has("backing-chain") || info.GetString("full-backing-filename") is not { } next)
            {
                return images;
            }
            (filename, format, byOptions) = (next, info.GetString("backing-filename-format"), false);
        }
    }
}
