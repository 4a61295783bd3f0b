using Tidemark.Cli.Options;
using Tidemark.Core.Errors;

namespace Tidemark.Cli.Img;

/// <summary>qemu-img create.</summary>
internal sealed class CreateCommand : IImgCommand
{
    public string Name => "create";

    public string Usage =>
        "[--object objectdef] [-q] [-f fmt] [-b backing_file [-F backing_fmt]] [-u] [-o options] filename [size]";

    public string Summary => "make an image";

    public OptionParser Options => OptionParser.Of("h|help", "object=", "F=", "b=", "f=", "o=", "q|quiet", "u");

    public async Task<int> RunAsync(ImgContext context, ParsedOptions options)
    {
        var formatName = options.Get("f") ?? "raw";
        if (options.All("o").Any(CreateOptionList.IsHelp))
        {
            return PrintOptions(context, formatName, options.Operands is [var named, ..] ? named : null);
        }
        if (options.Operands.Count == 0)
        {
            throw new UsageException("Expecting image file name");
        }
        if (options.Operands.Count > 2)
        {
            throw new UsageException($"Unexpected argument: {options.Operands[2]}");
        }
        var filename = options.Operands[0];
        long? size = options.Operands.Count == 2 ? SizeOption.Parse(options.Operands[1], "image size") : null;
        ObjectOptions.Accept(options);
        try
        {
            await CreateAsync(context, formatName, filename, size, options);
        }
        catch (BlockException error)
        {
            throw new CommandException($"{filename}: {error.Message}{(error.Hint is null ? "" : "\n" + error.Hint)}");
        }
        catch (CommandException error)
        {
            throw new CommandException($"{filename}: {error.Message}");
        }
        return 0;
    }

    private static async Task CreateAsync(
        ImgContext context,
        string formatName,
        string filename,
        long? size,
        ParsedOptions options
    )
    {
        var format = ImageCreator.RequireFormat(context.Graph, formatName);
        var list = ImageCreator.OptionsFor(context.Graph, format, filename);
        foreach (var text in options.All("o"))
        {
            list.Add(text);
        }
        if (size is { } bytes)
        {
            list.Set("size", bytes.ToString());
        }
        SetBacking(list, "backing_file", options.Get("b"), formatName, "Backing file");
        SetBacking(list, "backing_fmt", options.Get("F"), formatName, "Backing format");
        if (list["backing_fmt"] is { } backingFormat && !context.Graph.Drivers.TryGet(backingFormat, out _))
        {
            throw new CommandException($"Unknown backing file format '{backingFormat}'");
        }
        await ImageCreator.CompleteAsync(context.Graph, filename, list, options.Has("u"));
        if (!options.Has("quiet"))
        {
            context.Out.WriteLine($"Formatting '{filename}', fmt={formatName}{list.Describe()}");
            context.Out.Flush();
        }
        await format.Creation!.CreateFileAsync(context.Graph, filename, list.ToOptions());
    }

    private static void SetBacking(CreateOptionList list, string name, string? value, string formatName, string what)
    {
        if (value is null)
        {
            return;
        }
        if (!list.Knows(name))
        {
            throw new CommandException($"{what} not supported for file format '{formatName}'");
        }
        list.Set(name, value);
    }

    private static int PrintOptions(ImgContext context, string formatName, string? filename)
    {
        var format = ImageCreator.RequireFormat(context.Graph, formatName);
        var protocol = filename is null
            ? null
            : context.Graph.Drivers.FindByFilename(filename) ?? context.Graph.Drivers.Require("file");
        context.Out.WriteLine(
            $"Supported {formatName} {(filename is null ? "" : "and protocol ")}options:".Replace(
                "  ",
                " ",
                StringComparison.Ordinal
            )
        );
        new CreateOptionList(format, protocol).PrintHelp(context.Out);
        if (filename is null)
        {
            context.Out.WriteLine();
            context.Out.WriteLine("The protocol level may support further options.");
            context.Out.WriteLine("Specify the target filename to include those options.");
        }
        return 0;
    }
}
