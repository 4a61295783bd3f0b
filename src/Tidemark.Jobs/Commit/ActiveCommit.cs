using Tidemark.Block.Copy.Mirror;
using Tidemark.Core.Errors;
using Tidemark.Jobs.Chain;
using Tidemark.Jobs.Mirror;

namespace Tidemark.Jobs.Commit;

/// <summary>
/// block-commit of the image that guests write to: what it and the images below have is mirrored into the base, until the guests can
/// move there.
/// <code>
///   before    guests ─▶ top ─▶ middle ─▶ base
///   at work   guests ─▶ mirror_top ─▶ top ─▶ middle ─▶ base ◀── the job's writes
///   after     guests ─▶ base            (top ─▶ middle ─▶ base, for nobody)
/// </code>
/// </summary>
internal static class ActiveCommit
{
    /// <summary>Makes the job; throws <see cref="BlockException"/> in the reference's words, and then all is as before.</summary>
    public static async ValueTask<MirrorJob> CreateAsync(JobContext context, CommitPlan plan)
    {
        var (arguments, lower) = (plan.Arguments, plan.Base);
        var wasReadOnly = lower.IsReadOnly;
        if (wasReadOnly)
        {
            await context.Graph.SetReadOnlyAsync(lower, readOnly: false);
        }
        try
        {
            return await MirrorJob.CreateAsync(
                context.Graph,
                context.Jobs,
                new MirrorPlan
                {
                    Type = "commit",
                    JobId = plan.JobId,
                    Source = plan.Top,
                    Target = lower,
                    Copying = new()
                    {
                        Granularity = lower.Bitmaps.DefaultGranularity,
                        Start = MirrorStart.Allocated,
                        Base = lower,
                    },
                    Speed = arguments.Speed ?? 0,
                    OnSourceError = arguments.OnError,
                    OnTargetError = arguments.OnError,
                    FilterNodeName = arguments.FilterNodeName,
                    AutoFinalize = arguments.AutoFinalize,
                    AutoDismiss = arguments.AutoDismiss,
                }
            );
        }
        catch (BlockException)
        {
            if (wasReadOnly)
            {
                await ChainLink.MakeReadOnlyAgainAsync(lower);
            }
            throw;
        }
    }
}
