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
    public async ValueTask<BlockNode> OpenFilenameAsync(string filename, string? format, JsonObject options, OpenDefaults? defaults = null)
    {
        defaults ??= OpenDefaults.Reference;
        var described = options.DeepClone();
        if (FilenameParser.TryParseJson(filename) is { } json)
        {
            foreach (var (key, value) in json)
            {
                described[key] = value;
            }
            if (format is not null && !described.TryGetValue("driver", out _))
            {
                described["driver"] = new JsonString(format);
            }
            return await OpenAsync(described, defaults);
        }
        if (format is not null)
        {
            if (Drivers.Require(format).Kind == DriverKind.Protocol)
            {
                return await OpenAsync(Merge(described, FilenameParser.ToOptions(Drivers, filename, Drivers.Require(format))), defaults);
            }
            described["driver"] = new JsonString(format);
            described["file"] = FilenameParser.ToOptions(Drivers, filename);
            return await OpenAsync(described, defaults);
        }
        return await OpenProbedAsync(filename, described, defaults);
    }

    private async ValueTask<BlockNode> OpenProbedAsync(string filename, JsonObject described, OpenDefaults defaults)
    {
        var protocolOptions = FilenameParser.ToOptions(Drivers, filename);
        var inherited = NodeOptionsReader.ForRoot(WithDriver(described, "raw"));
        var protocol = await OpenNodeAsync(
            NodeOptionsReader.ForChild(protocolOptions, Drivers.Require("raw"), inherited, ChildRole.Image),
            defaults
        );
        try
        {
            described["driver"] = new JsonString((await ProbeAsync(protocol, filename)).Name);
            described["file"] = new JsonString(protocol.Name);
            return await OpenAsync(described, defaults);
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

    private static JsonObject WithDriver(JsonObject options, string driver)
    {
        var result = options.DeepClone();
        result["driver"] = new JsonString(driver);
        _ = result.Remove("node-name");
        return result;
    }

    private static JsonObject Merge(JsonObject options, JsonObject over)
    {
        foreach (var (key, value) in over)
        {
            options[key] = value;
        }
        return options;
    }
}
