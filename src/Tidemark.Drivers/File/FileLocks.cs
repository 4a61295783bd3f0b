using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Io.Contract;

namespace Tidemark.Drivers.File;

/// <summary>
/// The lock bytes by which programs that open one image tell each other what they do and bear: byte 100 + n is held by who
/// uses permission n, byte 200 + n by who does not share it. All are shared locks; a test for an exclusive one finds others'.
/// </summary>
internal sealed class FileLocks(StorageFile file)
{
    private const long UsedBase = 100;
    private const long UnsharedBase = 200;
    private const int Count = 4;

    private BlockPermissions heldUsed;
    private BlockPermissions heldUnshared;
    private BlockPermissions settledUsed;
    private BlockPermissions settledUnshared;

    /// <summary>Takes further locks as needed, and gives none back yet. Throws <see cref="BlockException"/> when somebody stands against it.</summary>
    public void Prepare(BlockPermissions used, BlockPermissions shared)
    {
        var unshared = BlockPermissions.All & ~shared;
        Hold(settledUsed | used, settledUnshared | unshared);
        for (var i = 0; i < Count; i++)
        {
            var bit = (BlockPermissions)(1 << i);
            if ((used & bit) != 0 && (settledUsed & bit) == 0)
            {
                Test(UnsharedBase + i, $"Failed to get \"{bit.Describe()}\" lock");
            }
            if ((unshared & bit) != 0 && (settledUnshared & bit) == 0)
            {
                Test(UsedBase + i, $"Failed to get shared \"{bit.Describe()}\" lock");
            }
        }
    }

    /// <summary>Keeps exactly these.</summary>
    public void Settle(BlockPermissions used, BlockPermissions shared)
    {
        (settledUsed, settledUnshared) = (used, BlockPermissions.All & ~shared);
        Hold(settledUsed, settledUnshared);
    }

    /// <summary>Goes back to what was settled last.</summary>
    public void Abort() => Hold(settledUsed, settledUnshared);

    private void Hold(BlockPermissions used, BlockPermissions unshared)
    {
        for (var i = 0; i < Count; i++)
        {
            var bit = (BlockPermissions)(1 << i);
            Hold(ref heldUsed, used, bit, UsedBase + i);
            Hold(ref heldUnshared, unshared, bit, UnsharedBase + i);
        }
    }

    private void Hold(ref BlockPermissions held, BlockPermissions wanted, BlockPermissions bit, long offset)
    {
        var want = (wanted & bit) != 0;
        if (want == ((held & bit) != 0))
        {
            return;
        }
        var status = file.SetSharedLock(offset, want);
        if (status != IoStatus.Ok && want)
        {
            throw Conflict($"Failed to lock byte {offset}", status);
        }
        held = want ? held | bit : held & ~bit;
    }

    private void Test(long offset, string message)
    {
        var status = file.TestExclusiveLock(offset);
        if (status != IoStatus.Ok)
        {
            throw Conflict(message, status);
        }
    }

    private BlockException Conflict(string message, IoStatus status) =>
        new(BlockErrorKind.InUse, message)
        {
            Status = status,
            Path = file.Path,
            Hint = $"Is another process using the image [{file.Path}]?",
        };
}
