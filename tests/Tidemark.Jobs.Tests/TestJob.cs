using Tidemark.Core.Async;
using Tidemark.Core.Errors;

namespace Tidemark.Jobs.Tests;

/// <summary>A job that does what a test tells it.</summary>
internal sealed class TestJob(JobRegistry registry, JobSettings settings) : Job(registry, settings)
{
    private readonly LoopSignal changed = new();
    private bool ends;
    private JobError? error;

    public List<string> Calls { get; } = [];

    public JobError? PrepareError { get; init; }

    /// <summary>Whether its last steps take a while.</summary>
    public bool IsSlow { get; init; } = true;

    public override string Type => "test";

    public override JobProgress Progress => new(1, 2);

    public void End(IoStatus status = IoStatus.Ok)
    {
        ends = true;
        error = status == IoStatus.Ok ? null : JobError.Of(status);
        changed.Wake();
    }

    protected override async ValueTask<JobError?> RunAsync()
    {
        Calls.Add("run");
        while (!ends && !IsCancelled)
        {
            await PausePointAsync();
            if (!ends && !IsCancelled)
            {
                await changed.WaitAsync();
            }
        }
        return error;
    }

    protected override ValueTask<JobError?> PrepareAsync()
    {
        Calls.Add("prepare");
        return new(PrepareError);
    }

    protected override async ValueTask CommitAsync()
    {
        Calls.Add("commit");
        await Task.Yield();
    }

    protected override async ValueTask AbortAsync()
    {
        Calls.Add("abort");
        if (IsSlow)
        {
            await Task.Yield();
        }
    }

    protected override ValueTask CleanAsync()
    {
        Calls.Add("clean");
        return ValueTask.CompletedTask;
    }

    protected override void OnInterrupt() => changed.Wake();
}
