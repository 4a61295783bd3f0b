using System.Runtime.CompilerServices;
using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using Tidemark.Nbd.Handshake;
using Tidemark.Nbd.Transmission;
using Connection = Tidemark.Nbd.Client.NbdClient;

namespace Tidemark.Drivers.NbdClient;

/// <summary>Driver "nbd": an export of an NBD server. See README.md.</summary>
internal sealed partial class NbdDriver : BlockDriver
{
    public static readonly DriverDefinition Definition = DriverDefinition.For(
        "nbd",
        DriverKind.Protocol,
        static () => NbdOptions.Codec,
        OpenAsync
    ) with
    {
        ParseOptions = static json => NbdOptions.Codec.Parse(NbdLegacyOptions.ToServer(json), Core.Schema.SchemaMode.Lenient),
        FilenamePrefixes = ["nbd:", "nbd+tcp:", "nbd+unix:"],
        ParseFilename = NbdFilename.Parse,
    };

    /// <summary>Longest zero write, discard and status question, bytes: fits a compact header, and keeps a server's answer from taking for ever.</summary>
    private const long LongestEffect = 1L << 30;

    /// <summary>Connections that one request may outlive: it may be the request that the server can't bear.</summary>
    private const int MaxAttempts = 16;

    private readonly NbdOptions options;
    private readonly NbdLink link;

    private NbdDriver(BlockNode node, NbdOptions options, NbdLink link)
        : base(node) => (this.options, this.link) = (options, link);

    public override long SizeBytes => link.Export.SizeBytes;

    public override bool TellsClusterSize => false;

    public override BlockLimits Limits =>
        new()
        {
            RequestAlignment = (int)link.Export.MinimumBlock,
            MaxTransfer = (int)link.Export.MaximumPayload,
            MaxDiscard = LongestEffect,
            MaxWriteZeroes = LongestEffect,
            OptimalTransfer =
                link.Export.PreferredBlock > Tidemark.Nbd.Limits.PreferredBlockBytes ? (int)link.Export.PreferredBlock : 0,
        };

    public override bool SupportsFua => Has(TransmissionFlags.Fua);

    public override long AllocatedBytes => -1;

    public override string? ExactFilename => NbdFilename.Make(options.Server, options.Export);

    public override ValueTask<IoStatus> ReadAsync(ByteRange range, Memory<byte> target, RequestFlags flags) =>
        (flags & RequestFlags.Prefetch) != 0 && Has(TransmissionFlags.Cache)
            ? RequestAsync(new Operation(CommandType.Cache, range))
            : RequestAsync(new Operation(CommandType.Read, range) { Target = target });

    public override ValueTask<IoStatus> WriteAsync(ByteRange range, ReadOnlyMemory<byte> data, RequestFlags flags) =>
        RequestAsync(new Operation(CommandType.Write, range, FuaOf(flags)) { Data = data });

    public override ValueTask<IoStatus> WriteZeroesAsync(ByteRange range, RequestFlags flags)
    {
        var isFast = (flags & RequestFlags.NoFallback) != 0;
        if (!Has(TransmissionFlags.WriteZeroes) || (isFast && !Has(TransmissionFlags.FastZero)))
        {
            return new(IoStatus.NotSupported);
        }
        var command = FuaOf(flags);
        command |= (flags & RequestFlags.MayUnmap) == 0 ? CommandFlags.NoHole : CommandFlags.None;
        command |= isFast ? CommandFlags.FastZero : CommandFlags.None;
        return RequestAsync(new Operation(CommandType.WriteZeroes, range, command));
    }

    public override ValueTask<IoStatus> DiscardAsync(ByteRange range) =>
        Has(TransmissionFlags.Trim) ? RequestAsync(new Operation(CommandType.Trim, range)) : new(IoStatus.NotSupported);

    public override ValueTask<IoStatus> FlushToDiskAsync() =>
        Has(TransmissionFlags.Flush) ? RequestAsync(new Operation(CommandType.Flush, default)) : new(IoStatus.Ok);

    public override ValueTask TruncateAsync(long sizeBytes, bool exact, PreallocationMode preallocation)
    {
        if (exact && sizeBytes != SizeBytes)
        {
            throw new BlockException(BlockErrorKind.NotSupported, "Cannot resize NBD nodes");
        }
        return sizeBytes <= SizeBytes
            ? ValueTask.CompletedTask
            : throw new BlockException(BlockErrorKind.InvalidOptions, "Cannot grow NBD nodes");
    }

    public override void CancelInFlight() => link.GiveUp();

    public override ValueTask CloseAsync() => link.CloseAsync();

    private bool Has(TransmissionFlags flag) => (link.Export.Flags & flag) != 0;

    private CommandFlags FuaOf(RequestFlags flags) =>
        (flags & RequestFlags.Fua) != 0 && Has(TransmissionFlags.Fua) ? CommandFlags.Fua : CommandFlags.None;

    /// <summary>Sends a request, and again over a new connection if the old one broke before the answer: doing any of them twice does no harm.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<IoStatus> RequestAsync(Operation operation)
    {
        var cancellations = link.Cancellations;
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            if ((link.Current ?? await link.WaitAsync(cancellations)) is not { } connection)
            {
                break;
            }
            var status = await SendAsync(connection, operation);
            if (status != IoStatus.ConnectionReset)
            {
                return status;
            }
        }
        return IoStatus.IoError;
    }

    private static ValueTask<IoStatus> SendAsync(Connection connection, in Operation operation)
    {
        var range = operation.Range;
        return operation.Type switch
        {
            CommandType.Read => connection.ReadAsync(range.Offset, operation.Target),
            CommandType.Write => connection.WriteAsync(range.Offset, operation.Data, (operation.Flags & CommandFlags.Fua) != 0),
            CommandType.WriteZeroes => connection.WriteZeroesAsync(range.Offset, range.Length, operation.Flags),
            CommandType.Trim => connection.TrimAsync(range.Offset, range.Length, fua: false),
            CommandType.Cache => connection.CacheAsync(range.Offset, range.Length),
            _ => connection.FlushAsync(),
        };
    }

    /// <summary>What is asked of the server, so that it can be asked again.</summary>
    private readonly record struct Operation(CommandType Type, ByteRange Range, CommandFlags Flags = CommandFlags.None)
    {
        public Memory<byte> Target { get; init; }

        public ReadOnlyMemory<byte> Data { get; init; }
    }
}
