using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Nbd.Handshake;

namespace Tidemark.Drivers.NbdClient;

/// <content>Opening and reopening.</content>
internal sealed partial class NbdDriver
{
    /// <inheritdoc/>
    public override ValueTask<ReopenStep> PrepareReopenAsync(NodeOptions options)
    {
        var isReadOnly = options.ReadOnly;
        if (!isReadOnly && Has(TransmissionFlags.ReadOnly))
        {
            isReadOnly = options.AutoReadOnly
                ? true
                : throw new BlockException(BlockErrorKind.AccessDenied, "Can't reopen read-only NBD mount as read/write");
        }
        return new(new Step(this, isReadOnly));
    }

    private static async ValueTask<BlockDriver> OpenAsync(NodeOpenContext context, NbdOptions options)
    {
        if (options.TlsCreds is { } credentials)
        {
            throw new BlockException(BlockErrorKind.NotFound, $"No TLS credentials with id '{credentials}'");
        }
        if (options.TlsHostname is not null)
        {
            throw new BlockException(BlockErrorKind.NotSupported, "TLS is not supported: remove 'tls-hostname'");
        }
        var opened = await NbdLink.OpenAsync(context.Engine, options);
        var isReadOnly = context.Options.ReadOnly;
        if (!isReadOnly && (opened.Export.Flags & TransmissionFlags.ReadOnly) != 0)
        {
            if (!context.Options.AutoReadOnly)
            {
                await opened.CloseAsync();
                throw new BlockException(IoStatus.AccessDenied, "Could not open image");
            }
            isReadOnly = true;
        }
        opened.RequireWritable(!isReadOnly);
        context.Node.MarkReadOnly(isReadOnly);
        return new NbdDriver(context.Node, options, opened);
    }

    private sealed class Step(NbdDriver driver, bool isReadOnly) : ReopenStep
    {
        public override ValueTask CommitAsync()
        {
            driver.link.RequireWritable(!isReadOnly);
            driver.Node.MarkReadOnly(isReadOnly);
            return ValueTask.CompletedTask;
        }
    }
}
