using Tidemark.Block.Contract;
using Tidemark.Core.Schema;

namespace Tidemark.Drivers.Filters.BlkDebug;

/// <summary>Options of the driver; QMP's BlockdevOptionsBlkdebug, and <c>x-image</c>, which file names become.</summary>
[Schema]
internal sealed partial record BlkDebugOptions(
    BlockdevRef? Image = null,
    string? XImage = null,
    string? Config = null,
    [Size] long Align = 0,
    [Size] long MaxTransfer = 0,
    [Size] long OptWriteZero = 0,
    [Size] long MaxWriteZero = 0,
    [Size] long OptDiscard = 0,
    [Size] long MaxDiscard = 0,
    IReadOnlyList<InjectError>? InjectError = null,
    IReadOnlyList<SetState>? SetState = null,
    IReadOnlyList<ChildPermission>? TakeChildPerms = null,
    IReadOnlyList<ChildPermission>? UnshareChildPerms = null
);

/// <summary>A rule that makes requests fail; QMP's BlkdebugInjectErrorOptions.</summary>
/// <param name="Event">At which event it becomes active; it stays so until the next event that has such rules.</param>
/// <param name="State">Only in this state; 0 is any.</param>
/// <param name="Iotype">Only requests of this kind; left out: all but block status.</param>
/// <param name="Errno">With which error.</param>
/// <param name="Sector">Only requests that touch this sector of 512 bytes; -1 is any.</param>
/// <param name="Once">Only the first time.</param>
/// <param name="Immediately">Without letting others have the loop first.</param>
[Schema]
internal sealed partial record InjectError(
    DebugEvent Event,
    int State = 0,
    IoType? Iotype = null,
    int Errno = 5,
    long Sector = -1,
    bool Once = false,
    bool Immediately = false
);

/// <summary>A rule that changes the state; QMP's BlkdebugSetStateOptions.</summary>
/// <param name="Event">At which event.</param>
/// <param name="NewState">To which state.</param>
/// <param name="State">Only in this state; 0 is any.</param>
[Schema]
internal sealed partial record SetState(DebugEvent Event, [Wire("new_state")] int NewState, int State = 0);

/// <summary>Kinds of request; QMP's BlkdebugIOType.</summary>
[Schema]
internal enum IoType
{
    Read,
    Write,
    WriteZeroes,
    Discard,
    Flush,
    BlockStatus,
}

/// <summary>QMP's BlockPermission.</summary>
[Schema]
internal enum ChildPermission
{
    ConsistentRead,
    Write,
    WriteUnchanged,
    Resize,
}
