using System.Text;
using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Memory;
using Tidemark.Core.Units;
using Tidemark.Io.Contract;

namespace Tidemark.Drivers.Filters.BlkDebug;

internal sealed partial class BlkDebugDriver
{
    private const string Prefix = "blkdebug:";

    // A file of rules is written by hand; a longer one is a mistake.
    private const int LongestConfig = 1 << 20;

    public static readonly DriverDefinition Definition = DriverDefinition.For(
        "blkdebug",
        DriverKind.Filter,
        static () => BlkDebugOptions.Codec,
        OpenAsync
    ) with
    {
        ChildNames = ["image"],
        FilenamePrefixes = [Prefix],
        ParseFilename = ParseFilename,
    };

    /// <summary>"blkdebug:CONFIG:IMAGE"; CONFIG may be empty, IMAGE is a file name of any kind.</summary>
    private static JsonObject ParseFilename(string filename)
    {
        var rest = filename[Prefix.Length..];
        var colon = rest.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, "blkdebug requires both config file and image path");
        }
        var described = new JsonObject { { "x-image", new JsonString(rest[(colon + 1)..]) } };
        if (colon > 0)
        {
            described["config"] = new JsonString(rest[..colon]);
        }
        return described;
    }

    private static async ValueTask<BlockDriver> OpenAsync(NodeOpenContext context, BlkDebugOptions options)
    {
        var given = await ReadRulesAsync(context, options);
        var below = await AttachImageAsync(context, options);
        CheckLimits(options, below.Node.Limits);
        return new BlkDebugDriver(context.Node, below, given, options);
    }

    private static async ValueTask<BlockChild> AttachImageAsync(NodeOpenContext context, BlkDebugOptions options)
    {
        const ChildRole Role = ChildRole.Filtered | ChildRole.Primary;
        return options.XImage is { } filename
            ? await context.AttachReferenceAsync("image", Role, FilenameParser.ToOptions(context.Graph.Drivers, filename))
            : await context.AttachChildAsync("image", Role);
    }

    private static async ValueTask<BlkDebugRules> ReadRulesAsync(NodeOpenContext context, BlkDebugOptions options)
    {
        List<InjectError> errors = [];
        List<SetState> changes = [];
        if (options.Config is { } path)
        {
            (errors, changes) = BlkDebugConfig.Parse(await ReadConfigAsync(context.Engine, path), path);
        }
        errors.AddRange(options.InjectError ?? []);
        changes.AddRange(options.SetState ?? []);
        errors.ForEach(BlkDebugRules.Check);
        return new(errors, changes);
    }

    private static async ValueTask<string> ReadConfigAsync(IoEngine engine, string path)
    {
        const string Problem = "Could not read blkdebug config file";
        StorageFile file;
        try
        {
            file = await engine.OpenFileAsync(path, new FileOpenOptions(Writable: false));
        }
        catch (BlockException error)
        {
            throw new BlockException(error.Status, Problem);
        }
        await using (file)
        {
            var length = file.GetLength();
            if (length > LongestConfig)
            {
                throw new BlockException(IoStatus.FileTooBig, Problem);
            }
            using var buffer = AlignedBufferPool.Shared.Rent((int)length);
            var status = length == 0 ? IoStatus.Ok : await file.ReadAsync(0, buffer.Memory[..(int)length]);
            return status == IoStatus.Ok
                ? Encoding.UTF8.GetString(buffer.Memory.Span[..(int)length])
                : throw new BlockException(status, Problem);
        }
    }

    private static void CheckLimits(BlkDebugOptions options, BlockLimits below)
    {
        var align = options.Align > 0 ? options.Align : below.RequestAlignment;
        if (options.Align is not 0 && (options.Align is < 0 or >= int.MaxValue || !long.IsPow2(options.Align)))
        {
            throw Bad("align", options.Align);
        }
        Check("max-transfer", options.MaxTransfer, align, int.MaxValue);
        Check("opt-write-zero", options.OptWriteZero, align, int.MaxValue, mustBePowerOfTwo: true);
        Check("max-write-zero", options.MaxWriteZero, Math.Max(options.OptWriteZero, align), long.MaxValue);
        Check("opt-discard", options.OptDiscard, align, int.MaxValue, mustBePowerOfTwo: true);
        Check("max-discard", options.MaxDiscard, Math.Max(options.OptDiscard, align), long.MaxValue);
    }

    private static void Check(string name, long value, long unit, long limit, bool mustBePowerOfTwo = false)
    {
        if (
            value != 0
            && (value < 0 || value >= limit || !Alignment.Is(value, unit) || (mustBePowerOfTwo && !long.IsPow2(value)))
        )
        {
            throw Bad(name, value);
        }
    }

    private static BlockException Bad(string name, long value) =>
        new(BlockErrorKind.InvalidOptions, $"Cannot meet constraints with {name} {value}");
}
