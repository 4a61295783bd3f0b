using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Cli.Options;
using Tidemark.Cli.Session;
using Tidemark.Cli.Terminal;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;

namespace Tidemark.Cli.Machine;

/// <summary>The disks that -drive makes: each a backend with a name, which commands take as a device.</summary>
internal sealed class MachineDrives(BlockGraph graph, ToolConsole console) : IAsyncDisposable
{
    private static readonly string[] Flags = ["read-only", "readonly", "snapshot"];
    private readonly List<BlockBackend> backends = [];
    private int nameless;

    /// <summary>Makes one as <paramref name="text"/> says. Throws <see cref="CommandException"/> or <see cref="Core.Errors.BlockException"/>.</summary>
    public async ValueTask AddAsync(string text)
    {
        var options = KeyvalParser.Parse(text, "file");
        RequireNoBus(Take(options, "if") ?? "ide");
        var id = Take(options, "id") ?? $"none{nameless++}";
        if (!Identifier.IsWellFormed(id))
        {
            throw new CommandException("Parameter 'id' expects an identifier\n" + Identifier.Rule);
        }
        if (graph.TryFind(id, out _))
        {
            throw new CommandException($"Device with id '{id}' already exists");
        }
        var isReadOnly = TakeFlag(options, "read-only") ?? TakeFlag(options, "readonly") ?? Take(options, "media") == "cdrom";
        if (TakeFlag(options, "snapshot") == true)
        {
            throw new CommandException("snapshot=on is not supported; make an overlay with qemu-img create -b");
        }
        options["read-only"] = isReadOnly;
        TakeCache(options);
        var node = await OpenAsync(options);
        try
        {
            var required = BlockPermissions.ConsistentRead | (isReadOnly ? BlockPermissions.None : BlockPermissions.Write);
            backends.Add(BlockBackend.Create(node, required, BlockPermissions.All, id));
        }
        finally
        {
            await graph.ReleaseAsync(node);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var backend in backends)
        {
            await backend.DisposeAsync();
        }
        backends.Clear();
    }

    private async ValueTask<BlockNode> OpenAsync(JsonObject options)
    {
        var format = Take(options, "format") ?? Take(options, "driver");
        if (options.GetString("file") is not { Length: > 0 } filename)
        {
            options["driver"] = format ?? throw new CommandException("Device needs media, but drive is empty");
            return await graph.OpenAsync(options);
        }
        _ = options.Remove("file");
        var node = await graph.OpenFilenameAsync(filename, format, options);
        if (format is null)
        {
            FormatWarning.PrintIfGuessed(console, filename, node);
        }
        return node;
    }

    // A bus would need a machine with one.
    private static void RequireNoBus(string bus)
    {
        if (bus != "none")
        {
            throw new CommandException($"machine type does not support if={bus},bus=0,unit=0");
        }
    }

    private static void TakeCache(JsonObject options)
    {
        if (options.GetString("cache") is not { } name)
        {
            return;
        }
        var mode = CacheMode.Find(name) ?? throw new CommandException($"invalid cache option: {name}");
        if (mode.WriteThrough)
        {
            throw new CommandException($"cache={name} is not supported: no guest's device is there to flush after each write");
        }
        _ = options.Remove("cache");
        mode.AddTo(options);
    }

    private static string? Take(JsonObject options, string name)
    {
        var value = options.GetString(name);
        _ = options.Remove(name);
        return value;
    }

    private static bool? TakeFlag(JsonObject options, string name) =>
        Take(options, name) switch
        {
            null => null,
            "on" => true,
            "off" => false,
            _ => throw new CommandException($"Parameter '{Flags.First(f => f == name)}' expects 'on' or 'off'"),
        };
}
