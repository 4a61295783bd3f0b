using System.Runtime.CompilerServices;
using Tidemark.Block.Accounting;
using Tidemark.Core.Errors;
using Tidemark.Nbd.Transmission;

namespace Tidemark.Exports.Nbd;

/// <content>
/// Counting what clients do, as the requests of a guest's device. Of a batch that is served in line one request begins where the
/// last ended, so that each costs one look at the clock.
/// </content>
internal sealed partial class NbdConnection
{
    // When the request that is being served began, on the accounting's clock.
    private long begun;

    private void BeginBatch() => begun = backend.Accounting.Now;

    /// <summary>A request that was served in line has ended; the next one begins.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Count(in RequestHeader request, IoStatus status)
    {
        Count(request, status, begun);
        begun = backend.Accounting.LastAccess;
    }

    private void Count(in RequestHeader request, IoStatus status, long begin)
    {
        if (OperationOf(request.Type) is { } operation)
        {
            backend.Accounting.Finish(operation, (long)request.Length, status, begin);
        }
    }

    private void CountRefused(in RequestHeader request)
    {
        if (OperationOf(request.Type) is { } operation)
        {
            backend.Accounting.Refuse(operation);
        }
    }

    // Asking what a run holds, or for it to be cached, is nothing that a device counts.
    private static AccountedOperation? OperationOf(CommandType type) =>
        type switch
        {
            CommandType.Read => AccountedOperation.Read,
            CommandType.Write or CommandType.WriteZeroes => AccountedOperation.Write,
            CommandType.Flush => AccountedOperation.Flush,
            CommandType.Trim => AccountedOperation.Unmap,
            _ => null,
        };
}
