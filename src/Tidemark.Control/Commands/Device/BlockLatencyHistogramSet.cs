using Tidemark.Block.Accounting;
using Tidemark.Control.Machine;
using Tidemark.Core.Errors;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Commands.Device;

/// <summary>block-latency-histogram-set: counts a device's requests by how long they took, or no longer where nothing is given.</summary>
internal sealed partial class BlockLatencyHistogramSet(GuestlessMachine machine)
    : QmpCommand<BlockLatencyHistogramSet.Arguments>("block-latency-histogram-set", Arguments.Codec)
{
    /// <summary>What it takes: where bins meet, nanoseconds, for all operations or for some.</summary>
    [Schema]
    internal sealed partial record Arguments(
        string Id,
        IReadOnlyList<ulong>? Boundaries = null,
        IReadOnlyList<ulong>? BoundariesRead = null,
        IReadOnlyList<ulong>? BoundariesWrite = null,
        IReadOnlyList<ulong>? BoundariesFlush = null
    );

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments)
    {
        var accounting = machine.Devices.RequireDriveOf(arguments.Id).Backend.Accounting;
        (AccountedOperation Operation, string Name, IReadOnlyList<ulong>? Own)[] all =
        [
            (AccountedOperation.Read, "read", arguments.BoundariesRead),
            (AccountedOperation.Write, "write", arguments.BoundariesWrite),
            (AccountedOperation.Flush, "flush", arguments.BoundariesFlush),
        ];
        var isOff = arguments.Boundaries is null && all.All(static one => one.Own is null);
        foreach (var (operation, name, own) in all)
        {
            if (isOff)
            {
                accounting.SetHistogram(operation, null);
            }
            else if ((own ?? arguments.Boundaries) is { } boundaries)
            {
                accounting.SetHistogram(operation, Make(arguments.Id, name, boundaries));
            }
        }
        return default;
    }

    private static LatencyHistogram Make(string id, string name, IReadOnlyList<ulong> boundaries)
    {
        try
        {
            // Beyond what a clock counts nothing ever is.
            return new LatencyHistogram([.. boundaries.Select(static b => (long)Math.Min(b, long.MaxValue))]);
        }
        catch (BlockException)
        {
            throw new QmpException($"Device '{id}' set {name} boundaries fail");
        }
    }
}
