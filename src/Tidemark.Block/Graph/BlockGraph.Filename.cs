using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Memory;
using Tidemark.Core.Units;

namespace Tidemark.Block.Graph;

public sealed partial class BlockGraph
{
    /// <summary>
    /// Opens an image by file name, as command lines and backing files name it: a path, a protocol name ("nbd:…"), or
    /// "json:{…}". Without <paramref name="format"/> the first bytes decide. <paramref name="options"/> are options of the
    /// image's node (read-only, cache, …). Caller and errors as in <see cref="OpenAsync"/>.
    /// </summary>
    public ValueTask<BlockNode> OpenFilenameAsync(
        string filename,
        string? format,
        JsonObject options,
        OpenDefaults? defaults = null
    ) => OpenNamedAsync(filename, format, options, NodeOptionsReader.ForRoot, defaults ?? OpenDefaults.Reference);

    internal async ValueTask<BlockNode> OpenBackingAsync(
        BlockNode parent,
        NodeOptions parentOptions,
        string filename,
        string? format,
        OpenDefaults defaults
    )
    {
        var backing = await OpenNamedAsync(
            filename,
            format,
            [],
            options => NodeOptionsReader.ForChild(options, parent.Definition, parentOptions, ChildRole.Cow),
            defaults
        );
        backing.OpenedFor = parent;
        return backing;
    }

    private async ValueTask<BlockNode> OpenNamedAsync(
        string filename,
        string? format,
        JsonObject options,
        Func<JsonObject, NodeOptions> resolve,
        OpenDefaults defaults
    )
    {
        var described = options.DeepClone();
        if (FilenameParser.TryParseJson(filename) is { } json)
        {
            Merge(described, json);
            if (format is not null)
            {
                _ = described.TryAdd("driver", format);
            }
        }
        else if (format is null)
        {
            return await OpenProbedAsync(filename, described, resolve, defaults);
        }
        else if (Drivers.Require(format) is { Kind: DriverKind.Protocol } protocol)
        {
            Merge(described, FilenameParser.ToOptions(Drivers, filename, protocol));
        }
        else
        {
            described["driver"] = format;
            described["file"] = FilenameParser.ToOptions(Drivers, filename);
        }
        return await OpenNodeAsync(resolve(described), defaults);
    }

    private async ValueTask<BlockNode> OpenProbedAsync(
        string filename,
        JsonObject described,
        Func<JsonObject, NodeOptions> resolve,
        OpenDefaults defaults
    )
    {
        var protocolOptions = FilenameParser.ToOptions(Drivers, filename);
        var asRaw = described.DeepClone();
        asRaw["driver"] = "raw";
        _ = asRaw.Remove("node-name");
        var protocol = await OpenNodeAsync(
            NodeOptionsReader.ForChild(protocolOptions, Drivers.Require("raw"), resolve(asRaw), ChildRole.Image),
            defaults
        );
        try
        {
            described["driver"] = (await ProbeAsync(protocol, filename)).Name;
            described["file"] = protocol.Name;
            return await OpenNodeAsync(resolve(described), defaults);
        }
        finally
        {
            await ReleaseAsync(protocol);
        }
    }

    private async ValueTask<DriverDefinition> ProbeAsync(BlockNode protocol, string filename)
    {
        var length = (int)Math.Min(Limits.ProbeBytes, protocol.SizeBytes);
        if (length == 0)
        {
            return Drivers.Require("raw");
        }
        using var head = AlignedBufferPool.Shared.Rent(length);
        var status = await protocol.ReadAsync(new ByteRange(0, length), head.Memory, RequestFlags.None);
        if (status != IoStatus.Ok)
        {
            throw new BlockException(status, "Could not read image for determining its format");
        }
        return Drivers.ProbeFormat(head.Memory, filename) ?? Drivers.Require("raw");
    }

    private static void Merge(JsonObject options, JsonObject over)
    {
        foreach (var (key, value) in over)
        {
            options[key] = value;
        }
    }
}
