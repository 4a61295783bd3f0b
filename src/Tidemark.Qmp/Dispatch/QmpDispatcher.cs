using Tidemark.Core.Async;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Qmp.Errors;

namespace Tidemark.Qmp.Dispatch;

/// <summary>
/// Runs requests: finds the command, hands it its arguments, turns errors into replies. One command runs at a time over all
/// monitors, since commands change what all of them see; out-of-band ones do not wait for it. Belongs to one loop.
/// </summary>
public sealed class QmpDispatcher(QmpCommandTable table)
{
    private readonly LoopMutex turn = new();

    /// <summary>What there is to run.</summary>
    public QmpCommandTable Table { get; } = table;

    /// <summary>Takes note of a fault of our own that ended a command; clients are not told more than that there was one.</summary>
    public Action<string> ReportFault { get; set; } = static _ => { };

    /// <summary>Runs one request of a client that has negotiated and gives the reply.</summary>
    internal async ValueTask<JsonObject> DispatchAsync(QmpRequest request)
    {
        if (request.Malformed is not null)
        {
            return request.Refusal(QmpErrorClass.GenericError, request.Malformed);
        }
        var command = Table.Find(request.Command);
        if (command is null)
        {
            return request.Refusal(QmpErrorClass.CommandNotFound, $"The command {request.Command} has not been found");
        }
        if (request.IsOutOfBand)
        {
            return command.AllowsOutOfBand
                ? await RunAsync(command, request)
                : request.Refusal(QmpErrorClass.GenericError, $"The command {request.Command} does not support OOB");
        }
        await turn.EnterAsync();
        try
        {
            if (Table.Descriptors is { } descriptors)
            {
                descriptors.Sender = request.Sender;
            }
            return await RunAsync(command, request);
        }
        finally
        {
            turn.Exit();
        }
    }

    private async ValueTask<JsonObject> RunAsync(QmpCommand command, QmpRequest request)
    {
        try
        {
            return request.Reply(await command.ExecuteAsync(request.Arguments, Table.Definitions));
        }
        catch (QmpException error)
        {
            return request.Refusal(error.ErrorClass, error.Message);
        }
        catch (BlockException error)
        {
            return request.Refusal(QmpErrors.ClassOf(error.Kind), error.Message);
        }
        // A fault of ours: the client must learn of it rather than wait for ever, but not what is inside us; that is for our log.
        // (A broken invariant has stopped the process.)
        catch (SystemException error)
        {
            ReportFault($"{request.Command}: {error}");
            return request.Refusal(QmpErrorClass.GenericError, $"Internal error in command '{request.Command}'");
        }
    }
}
