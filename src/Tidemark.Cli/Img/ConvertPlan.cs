using System.Globalization;
using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Cli.Options;
using Tidemark.Core.Errors;

namespace Tidemark.Cli.Img;

/// <summary>What a convert is to do, read from its options and checked before any file is touched.</summary>
internal sealed class ConvertPlan
{
    private const int DefaultSparseBytes = 4096;

    private ConvertPlan(DriverDefinition targetFormat, IReadOnlyList<string> sources, string target) =>
        (TargetFormat, Sources, Target) = (targetFormat, sources, target);

    /// <summary>Format of the target.</summary>
    public DriverDefinition TargetFormat { get; }

    /// <summary>The sources, in order.</summary>
    public IReadOnlyList<string> Sources { get; }

    /// <summary>The target's name, or options.</summary>
    public string Target { get; }

    /// <summary>--target-image-opts.</summary>
    public bool TargetByOptions { get; private init; }

    /// <summary>-c: clusters are written compressed.</summary>
    public bool Compress { get; private init; }

    /// <summary>-n: the target is there already.</summary>
    public bool SkipCreation { get; private init; }

    /// <summary>--target-is-zero.</summary>
    public bool TargetIsZero { get; private init; }

    /// <summary>-S: so many zero bytes in a row are left out; 0 leaves out none.</summary>
    public long SparseBytes { get; private init; }

    /// <summary>-B: what this backing file has is not copied.</summary>
    public string? BackingFile { get; private init; }

    /// <summary>-l: the source as this snapshot has it.</summary>
    public SnapshotChoice? Snapshot { get; private init; }

    /// <summary>-m: pieces copied side by side.</summary>
    public int Workers { get; private init; }

    /// <summary>Whether a piece may be written before those in front of it: quicker on some targets, fragmented on others.</summary>
    public bool OutOfOrder { get; private init; }

    /// <summary>--bitmaps.</summary>
    public bool CopyBitmaps { get; private init; }

    /// <summary>--skip-broken-bitmaps.</summary>
    public bool SkipBrokenBitmaps { get; private init; }

    /// <summary>-p without -q.</summary>
    public bool ShowProgress { get; private init; }

    /// <summary>-T.</summary>
    public CacheMode SourceCache { get; private init; }

    /// <summary>-t.</summary>
    public CacheMode TargetCache { get; private init; }

    /// <summary>-o, -B and -F; null when nothing is created.</summary>
    public CreateOptionList? CreateOptions { get; private init; }

    /// <summary>Reads and checks; throws <see cref="CommandException"/>.</summary>
    public static ConvertPlan Read(BlockGraph graph, ParsedOptions options)
    {
        if (options.Operands.Count < 2)
        {
            throw new CommandException("Must specify image file name");
        }
        CheckCombinations(options);
        ObjectOptions.Accept(options);
        var target = options.Operands[^1];
        var format = ImageCreator.RequireFormat(graph, options.Get("O") ?? "raw");
        return new ConvertPlan(format, [.. options.Operands.SkipLast(1)], target)
        {
            TargetByOptions = options.Has("target-image-opts"),
            Compress = options.Has("c"),
            Snapshot = options.Get("l") is { } chosen ? SnapshotChoice.Parse(chosen) : null,
            SkipCreation = options.Has("n"),
            TargetIsZero = options.Has("target-is-zero"),
            SparseBytes = ParseSparse(options),
            BackingFile = options.Get("B"),
            Workers = ParseWorkers(options.Get("m")),
            OutOfOrder = options.Has("W"),
            CopyBitmaps = options.Has("bitmaps"),
            SkipBrokenBitmaps = options.Has("skip-broken-bitmaps"),
            ShowProgress = options.Has("p") && !options.Has("quiet"),
            SourceCache = CacheOption.Parse(options, "T", "source cache"),
            TargetCache = CacheOption.Parse(options, "t", "cache", unlessGiven: "unsafe"),
            CreateOptions = options.Has("n") ? null : ReadCreateOptions(graph, format, target, options),
        };
    }

    /// <summary>Refuses, before the target is made, compression that it can't have.</summary>
    public void CheckCompression()
    {
        if (!Compress || TargetByOptions)
        {
            return;
        }
        if (TargetFormat.Name != "qcow2")
        {
            throw new CommandException("Compression not supported for this file format");
        }
        if (CreateOptions?["preallocation"] is not (null or "off"))
        {
            throw new CommandException("Compression and preallocation not supported at the same time");
        }
    }

    /// <summary>Refuses, before the target is made, bitmaps that can't be copied.</summary>
    public void CheckBitmaps(ImgContext context, List<BlockNode> sources)
    {
        if (!CopyBitmaps)
        {
            return;
        }
        if (sources.Count > 1)
        {
            throw new CommandException("Copying bitmaps only possible with single source");
        }
        if (TargetFormat.Name != "qcow2" || CreateOptions?["compat"] is "0.10" or "v2")
        {
            throw new CommandException($"Format driver '{TargetFormat.Name}' does not support bitmaps");
        }
        ConvertBitmaps.Check(sources[0], SkipBrokenBitmaps);
    }

    private static void CheckCombinations(ParsedOptions options)
    {
        if (options.Has("skip-broken-bitmaps") && !options.Has("bitmaps"))
        {
            throw new CommandException("Use of --skip-broken-bitmaps requires --bitmaps");
        }
        if (options.Has("target-image-opts") && !options.Has("n"))
        {
            throw new CommandException("--target-image-opts requires use of -n flag");
        }
        if (options.Has("target-is-zero") && !options.Has("n"))
        {
            throw new CommandException("--target-is-zero requires use of -n flag");
        }
        if (options.Has("n") && options.Has("B"))
        {
            throw new CommandException("-B and -n cannot be used together: the target has its backing file already");
        }
    }

    private static CreateOptionList ReadCreateOptions(
        BlockGraph graph,
        DriverDefinition format,
        string target,
        ParsedOptions options
    )
    {
        var list = ImageCreator.OptionsFor(graph, format, target);
        foreach (var text in options.All("o"))
        {
            list.Add(text);
        }
        if (options.Get("B") is { } backing)
        {
            if (!list.Knows("backing_file"))
            {
                throw new CommandException($"Backing file not supported for file format '{format.Name}'");
            }
            list.Set("backing_file", backing);
            list.Set("backing_fmt", options.Get("F") ?? throw new CommandException("backing format must be specified"));
        }
        return list;
    }

    private static long ParseSparse(ParsedOptions options)
    {
        if (options.Get("S") is not { } text)
        {
            return DefaultSparseBytes;
        }
        var fault = SizeParser.TryParse(text, out var bytes);
        return fault == SizeParser.Fault.None && bytes % 512 == 0
            ? bytes
            : throw new CommandException(
                "Invalid buffer size for sparse output specified. Valid sizes are multiples of 512 up to 9223372036854774784. Select 0 to disable sparse detection (fully allocates output)."
            );
    }

    private static int ParseWorkers(string? text)
    {
        if (text is null)
        {
            return 8;
        }
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var workers) && workers is >= 1 and <= 16
            ? workers
            : throw new CommandException("Invalid number of coroutines. Allowed number of coroutines is between 1 and 16");
    }
}
