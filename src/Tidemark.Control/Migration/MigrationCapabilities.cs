using Tidemark.Qmp.Errors;
using Capability = Tidemark.Control.Migration.MigrationCapability;

namespace Tidemark.Control.Migration;

/// <summary>
/// Which capabilities are on. Those about a guest's memory are taken and change nothing, since there is none; those that would
/// change the stream are refused when a migration begins.
/// </summary>
internal sealed class MigrationCapabilities
{
    // In the order in which the reference looks.
    private static readonly Capability[] StrangersToSnapshots =
    [
        Capability.PostcopyRam,
        Capability.DirtyBitmaps,
        Capability.PostcopyBlocktime,
        Capability.LateBlockActivate,
        Capability.ReturnPath,
        Capability.Multifd,
        Capability.PauseBeforeSwitchover,
        Capability.AutoConverge,
        Capability.ReleaseRam,
        Capability.RdmaPinAll,
        Capability.Compress,
        Capability.Xbzrle,
        Capability.XColo,
        Capability.ValidateUuid,
        Capability.ZeroCopySend,
    ];

    // Each makes a stream of another form: several connections, a disk's content, a guest's memory without a guest's stop.
    private static readonly Capability[] OfOtherStreams =
    [
        Capability.Block,
        Capability.XColo,
        Capability.Multifd,
        Capability.BackgroundSnapshot,
        Capability.PostcopyPreempt,
    ];

    private HashSet<Capability> on = [];

    /// <summary>Whether <paramref name="capability"/> is on.</summary>
    public bool this[Capability capability] => on.Contains(capability);

    /// <summary>Whether a postcopy phase may follow.</summary>
    public bool AllowPostcopy => this[Capability.PostcopyRam] || this[Capability.DirtyBitmaps];

    /// <summary>Switches all of <paramref name="changes"/>; throws <see cref="QmpException"/>, with nothing changed, when they contradict.</summary>
    public void Set(IEnumerable<(Capability Capability, bool State)> changes)
    {
        var wanted = new HashSet<Capability>(on);
        foreach (var (capability, state) in changes)
        {
            _ = state ? wanted.Add(capability) : wanted.Remove(capability);
        }
        Check(wanted);
        on = wanted;
    }

    /// <summary>Throws <see cref="QmpException"/> when one is on that needs what a machine without a guest does not have.</summary>
    public void RequireFeasible()
    {
        foreach (var capability in OfOtherStreams)
        {
            if (this[capability])
            {
                throw new QmpException(
                    $"Capability '{capability.ToWord()}' is not supported by a machine without a guest; switch it off"
                );
            }
        }
    }

    private static void Check(HashSet<Capability> wanted)
    {
        if (wanted.Contains(Capability.PostcopyRam) && wanted.Contains(Capability.XIgnoreShared))
        {
            throw new QmpException("Postcopy is not compatible with ignore-shared");
        }
        if (wanted.Contains(Capability.BackgroundSnapshot))
        {
            foreach (var stranger in StrangersToSnapshots)
            {
                if (wanted.Contains(stranger))
                {
                    throw new QmpException($"Background-snapshot is not compatible with {stranger.ToWord()}");
                }
            }
        }
        if (
            wanted.Contains(Capability.ZeroCopySend)
            && (
                !wanted.Contains(Capability.Multifd) || wanted.Contains(Capability.Compress) || wanted.Contains(Capability.Xbzrle)
            )
        )
        {
            throw new QmpException("Zero copy only available for non-compressed non-TLS multifd migration");
        }
        if (wanted.Contains(Capability.PostcopyPreempt) && !wanted.Contains(Capability.PostcopyRam))
        {
            throw new QmpException("Postcopy preempt requires postcopy-ram");
        }
        if (wanted.Contains(Capability.Multifd) && wanted.Contains(Capability.Compress))
        {
            throw new QmpException("Multifd is not compatible with compress");
        }
    }
}
