using Tidemark.Block.Contract;
using Tidemark.Core.Errors;

namespace Tidemark.Drivers.Filters.BlkDebug;

internal sealed partial class BlkDebugDriver : IDebugEventListener, IBreakpoints
{
    private readonly BlkDebugBreakpoints breakpoints = new();

    /// <inheritdoc/>
    public ValueTask OnDebugEventAsync(DebugEvent happening)
    {
        rules.Happen(happening);
        return breakpoints.IsEmpty || !Node.Graph.MayHoldRequests ? default : breakpoints.HoldAsync(happening);
    }

    /// <inheritdoc/>
    public IoStatus Break(string place, string tag, Action<string> tell)
    {
        if (!DebugEventWords.Codec.TryParse(place, out var happening))
        {
            return IoStatus.NotFound;
        }
        breakpoints.Add(happening, tag, tell);
        return IoStatus.Ok;
    }

    /// <inheritdoc/>
    public IoStatus RemoveBreak(string tag)
    {
        var found = breakpoints.Remove(tag);
        while (breakpoints.Resume(tag))
        {
            // All of them.
        }
        return found ? IoStatus.Ok : IoStatus.NotFound;
    }

    /// <inheritdoc/>
    public IoStatus Resume(string tag) => breakpoints.Resume(tag) ? IoStatus.Ok : IoStatus.NotFound;

    /// <inheritdoc/>
    public void ResumeAll() => breakpoints.ResumeAll();

    /// <inheritdoc/>
    public bool IsSuspended(string tag) => breakpoints.Holds(tag);
}
