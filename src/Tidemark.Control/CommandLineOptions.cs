using Tidemark.Control.Commands.Export;
using Tidemark.Control.Objects;
using Tidemark.Control.Schema;
using Tidemark.Core.Errors;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control;

/// <summary>
/// The daemon's options that do what a command does, each given as <c>key=value,…</c> or as JSON. All throw
/// <see cref="BlockException"/> with the reference's text, with nothing done.
/// </summary>
public sealed partial class CommandLineOptions(ControlContext context)
{
    /// <summary>What --nbd-server takes; 0 connections is no limit.</summary>
    [Schema]
    internal sealed partial record NbdServer(
        FlatSocketAddress Addr,
        string? TlsCreds = null,
        string? TlsAuthz = null,
        uint? MaxConnections = null
    );

    /// <summary>--blockdev: makes a node.</summary>
    public async ValueTask AddBlockdevAsync(string text)
    {
        var options = Parse(text, "driver", SchemaCodec.Late(BlockdevOptionsCodec.Name));
        _ = await context.Graph.AddMonitorNodeAsync(options);
    }

    /// <summary>--object: makes a secret, an iothread or a throttle group.</summary>
    public void AddObject(string text) => context.Objects.Add(Parse(text, "qom-type", ObjectOptions.Codec));

    /// <summary>--nbd-server: lets NBD clients connect.</summary>
    public async ValueTask StartNbdServerAsync(string text)
    {
        var options = Parse(text, null, NbdServer.Codec);
        try
        {
            await NbdServerStart.StartAsync(context, options.Addr, options.TlsCreds, options.MaxConnections);
        }
        catch (QmpException error)
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, error.Message, error);
        }
    }

    /// <summary>--export: offers a node.</summary>
    public async ValueTask AddExportAsync(string text)
    {
        var options = Parse(text, "type", BlockExportOptions.Codec);
        try
        {
            await BlockExportAdd.AddAsync(context, options);
        }
        catch (QmpException error)
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, error.Message, error);
        }
    }

    private T Parse<T>(string text, string? impliedKey, SchemaCodec<T> codec)
    {
        var (options, mode) = KeyvalParser.ParseEither(text, impliedKey);
        return codec.Parse(options, mode, context.Definitions);
    }
}
