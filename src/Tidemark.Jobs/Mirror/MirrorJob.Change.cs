using Tidemark.Core.Errors;

namespace Tidemark.Jobs.Mirror;

// The way in which what guests write gets to the target, changed while they write.
public sealed partial class MirrorJob
{
    /// <inheritdoc/>
    protected override async ValueTask OnChangeAsync(MirrorCopyMode? copyMode)
    {
        if (plan.IsCommit)
        {
            await base.OnChangeAsync(copyMode);
            return;
        }
        if (copyMode is not { } wanted)
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, $"Job '{Id}' is of type '{Type}'");
        }
        if (wanted == CopyMode)
        {
            return;
        }
        if (wanted != MirrorCopyMode.WriteBlocking)
        {
            throw new BlockException(BlockErrorKind.NotSupported, $"Change to copy mode '{wanted.ToWord()}' is not implemented");
        }
        // What is on its way to the source alone must be marked before the bitmap stops recording.
        await using var edit = await Graph.EditAsync(filter.Node, plan.Source);
        // The job may have come to its end meanwhile, or somebody else was quicker.
        RequireVerb(JobVerb.Change);
        if (wanted != CopyMode)
        {
            var driver = filter.Driver;
            driver.MustSeeAll = true;
            edit.Touch(filter.Node, () => driver.MustSeeAll = false);
            edit.Commit();
            Copy.FollowGuests();
        }
    }

    private MirrorCopyMode CopyMode => Copy.IsFollowingGuests ? MirrorCopyMode.WriteBlocking : MirrorCopyMode.Background;
}
