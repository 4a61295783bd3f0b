using Tidemark.Block.Accounting;
using Tidemark.Block.Graph;
using Tidemark.Control.Devices;
using Tidemark.Control.Events;
using Tidemark.Core.Async;
using Tidemark.Core.Errors;
using Tidemark.Jobs;

namespace Tidemark.Control.Machine;

/// <summary>
/// Requests as a guest's driver would send them to a device. One that fails is treated as the device's policies say:
/// <code>
///   ignore  counts as done                     BLOCK_IO_ERROR
///   report  fails                              BLOCK_IO_ERROR
///   stop    is kept, and the machine stops     BLOCK_IO_ERROR, STOP      "cont" sends it again
/// </code>
/// Belongs to the graph's loop.
/// </summary>
internal sealed class GuestRequests(GuestlessMachine machine)
{
    /// <summary>Requests that may be under way or kept at a time.</summary>
    public const int AtMost = 256;

    private readonly List<(GuestDrive Drive, GuestRequest Request)> held = [];
    private int underWay;

    /// <summary>Whether no further one is taken.</summary>
    public bool AreTooMany => underWay + held.Count >= AtMost;

    /// <summary>Sends one; an event tells when it has ended, unless it is forgotten before.</summary>
    public void Send(GuestDrive drive, GuestRequest request) => LoopContext.Launch(() => SendAsync(drive, request));

    /// <summary>The machine runs again: drives count as sound, and what was kept is sent once more.</summary>
    public void Resume()
    {
        foreach (var drive in machine.Devices.Drives)
        {
            drive.Failure = IoStatus.Ok;
        }
        var again = held.ToList();
        held.Clear();
        foreach (var (drive, request) in again)
        {
            Send(drive, request);
        }
    }

    /// <summary>The guest's driver for a drive is gone, and its requests with it.</summary>
    public void Forget(GuestDrive drive) => held.RemoveAll(one => one.Drive == drive);

    private async Task SendAsync(GuestDrive drive, GuestRequest request)
    {
        underWay++;
        var accounting = drive.Backend.Accounting;
        var begin = accounting.Now;
        if (drive.Throttle is { } throttle && request.Length > 0)
        {
            await throttle.EnterAsync(request.Length, request.IsWrite);
        }
        var status = await PerformAsync(drive.Backend, request);
        underWay--;
        if (drive.IsGone)
        {
            return;
        }
        var action = status == IoStatus.Ok ? JobErrorAction.Ignore : Punish(drive, request, status);
        if (action == JobErrorAction.Stop)
        {
            held.Add((drive, request));
            return;
        }
        var end = action == JobErrorAction.Ignore ? IoStatus.Ok : status;
        accounting.Finish(Kind(request.Operation), request.Length, end, begin);
        GuestRequestCompleted.Publish(machine.Context.Events, drive, request, end);
    }

    private JobErrorAction Punish(GuestDrive drive, GuestRequest request, IoStatus status)
    {
        var policy = drive.Device?.PolicyFor(request.IsWrite) ?? JobErrorPolicy.Report;
        var action = policy.Decide(status);
        if (action == JobErrorAction.Stop && drive.Failure == IoStatus.Ok)
        {
            drive.Failure = status;
        }
        BlockIoError.Publish(
            machine.Context.Events,
            new(
                drive.Name,
                request.IsWrite ? IoOperation.Write : IoOperation.Read,
                action,
                status.Describe(),
                drive.Backend.HasMedium ? drive.Backend.Node.Name : null,
                status == IoStatus.NoSpace
            )
        );
        if (action == JobErrorAction.Stop)
        {
            machine.Halt(RunState.IoError);
        }
        return action;
    }

    private static ValueTask<IoStatus> PerformAsync(BlockBackend backend, GuestRequest request) =>
        request.Operation switch
        {
            GuestOperation.Read => backend.ReadAsync(request.Range, new byte[request.Range.Length]),
            GuestOperation.Write => backend.WriteAsync(request.Range, request.Content()),
            GuestOperation.WriteZeroes => backend.WriteZeroesAsync(request.Range),
            GuestOperation.Discard => backend.DiscardAsync(request.Range),
            GuestOperation.Flush => backend.FlushAsync(),
            _ => throw Invariant.Unreachable("every operation is here"),
        };

    private static AccountedOperation Kind(GuestOperation operation) =>
        operation switch
        {
            GuestOperation.Read => AccountedOperation.Read,
            GuestOperation.Discard => AccountedOperation.Unmap,
            GuestOperation.Flush => AccountedOperation.Flush,
            _ => AccountedOperation.Write,
        };
}
