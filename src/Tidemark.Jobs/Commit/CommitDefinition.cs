namespace Tidemark.Jobs.Commit;

/// <summary>block-commit: one command for two kinds of work, by whether somebody writes to what is committed.</summary>
internal static class CommitDefinition
{
    /// <summary>How the job is started.</summary>
    public static readonly JobDefinition Definition = JobDefinition.For(
        "commit",
        "block-commit",
        CommitArguments.Codec,
        CreateAsync
    ) with
    {
        IsAction = false,
    };

    private static async ValueTask<Job> CreateAsync(JobContext context, CommitArguments arguments)
    {
        var plan = CommitPlan.Check(context.Graph, arguments);
        return plan.IsActive ? await ActiveCommit.CreateAsync(context, plan) : await CommitJob.CreateAsync(context, plan);
    }
}
