using Tidemark.Core.Errors;
using Tidemark.Testing;

namespace Tidemark.Jobs.Tests;

public sealed class JobTests
{
    private readonly EventLog events = new();

    [Fact]
    public void A_job_that_ends_well_passes_waiting_and_pending() =>
        Run(async jobs =>
        {
            var job = Start(jobs, "j");
            job.End();
            await job.WaitConcludedAsync();
            Assert.Equal(["j created", "j running", "j waiting", "j pending", "j concluded", "j null"], events.Take());
            Assert.Equal(["run", "prepare", "commit", "clean"], job.Calls);
            Assert.Empty(jobs.Jobs);
        });

    [Fact]
    public void A_job_that_fails_aborts_and_keeps_its_error_until_dismissed() =>
        Run(async jobs =>
        {
            var job = Start(jobs, "j", autoDismiss: false);
            job.End(IoStatus.NoSpace);
            await job.WaitConcludedAsync();
            Assert.Equal(["j created", "j running", "j aborting", "j concluded"], events.Take());
            Assert.Equal(["run", "abort", "clean"], job.Calls);
            Assert.Equal(
                new JobInfo("j", "test", JobStatus.Concluded, 1, 2, "No space left on device"),
                Assert.Single(jobs.Query())
            );
            job.Dismiss();
            Assert.Equal(["j null"], events.Take());
        });

    [Fact]
    public void A_failing_last_step_aborts() =>
        Run(async jobs =>
        {
            var job = new TestJob(jobs, new("j")) { PrepareError = JobError.Of(IoStatus.IoError) };
            job.Register();
            job.Start();
            job.End();
            await job.WaitConcludedAsync();
            Assert.Equal(["run", "prepare", "abort", "clean"], job.Calls);
            Assert.Equal("j aborting", events.Take()[^3]);
        });

    [Fact]
    public void A_job_that_was_never_started_goes_without_a_trace() =>
        Run(async jobs =>
        {
            var job = new TestJob(jobs, new("j", AutoDismiss: false));
            job.Register();
            await job.AbandonAsync();
            Assert.Equal(["j created", "j aborting", "j concluded", "j null"], events.Take());
            Assert.Equal(["abort", "clean"], job.Calls);
        });

    [Fact]
    public void Without_auto_finalize_a_job_waits_for_the_user() =>
        Run(async jobs =>
        {
            var job = Start(jobs, "j", autoFinalize: false);
            job.End();
            await JobWorld.UntilAsync(() => job.Status == JobStatus.Pending);
            await JobWorld.TurnsAsync(20);
            Assert.Equal(JobStatus.Pending, job.Status);
            Refused(() => job.Complete(), "Job 'j' in state 'pending' cannot accept command verb 'complete'");
            Refused(() => job.Dismiss(), "Job 'j' in state 'pending' cannot accept command verb 'dismiss'");
            Refused(() => job.Pause(), "Job 'j' in state 'pending' cannot accept command verb 'pause'");
            await job.FinalizeAsync();
            Assert.Equal(JobStatus.Null, job.Status);
        });

    [Fact]
    public void A_pending_job_can_be_cancelled() =>
        Run(async jobs =>
        {
            var job = Start(jobs, "j", autoFinalize: false, autoDismiss: false);
            job.End();
            await JobWorld.UntilAsync(() => job.Status == JobStatus.Pending);
            job.Cancel(force: false);
            await job.WaitConcludedAsync();
            Assert.Equal("Operation canceled", job.Error?.Text);
            Assert.Equal(["run", "abort", "clean"], job.Calls);
        });

    [Fact]
    public void Pausing_counts_the_users_pause_once() =>
        Run(async jobs =>
        {
            var job = Start(jobs, "j");
            Refused(job.Resume, "Can't resume a job that was not paused");
            job.Pause();
            await JobWorld.UntilAsync(() => job.Status == JobStatus.Paused);
            Refused(job.Pause, "Job is already paused");
            job.Resume();
            Assert.Equal(JobStatus.Running, job.Status);
            Refused(job.Resume, "Can't resume a job that was not paused");
            job.End();
            await job.WaitConcludedAsync();
            Refused(job.Resume, "Can't resume a job that was not paused");
            Assert.Equal(["j created", "j running", "j paused", "j running", "j waiting"], events.Take()[..5]);
        });

    [Fact]
    public void Pausing_and_resuming_in_one_breath_leaves_the_job_running() =>
        Run(async jobs =>
        {
            var job = Start(jobs, "j");
            job.Pause();
            job.Resume();
            job.Pause();
            await JobWorld.UntilAsync(() => job.Status == JobStatus.Paused);
            job.Resume();
            job.Pause();
            await JobWorld.TurnsAsync(20);
            Assert.Equal(JobStatus.Paused, job.Status);
            job.Cancel(force: true);
            await job.WaitConcludedAsync();
        });

    [Fact]
    public void Cancelling_a_paused_job_lets_it_run_to_its_end() =>
        Run(async jobs =>
        {
            var job = Start(jobs, "j");
            job.Pause();
            await JobWorld.UntilAsync(() => job.Status == JobStatus.Paused);
            _ = events.Take();
            job.Cancel(force: true);
            await job.WaitConcludedAsync();
            Assert.Equal(["j running", "j aborting", "j concluded", "j null"], events.Take());
        });

    [Theory]
    [InlineData("", "Invalid job ID ''")]
    [InlineData("1bad", "Invalid job ID '1bad'")]
    [InlineData("a/b", "Invalid job ID 'a/b'")]
    [InlineData("taken", "Job ID 'taken' already in use")]
    public void An_id_is_checked(string id, string message) =>
        Run(async jobs =>
        {
            var taken = Start(jobs, "taken");
            Refused(() => new TestJob(jobs, new(id)).Register(), message);
            taken.Cancel(force: true);
            await taken.WaitConcludedAsync();
        });

    [Fact]
    public void A_concluded_job_refuses_every_verb_but_dismiss() =>
        Run(async jobs =>
        {
            var job = Start(jobs, "j", autoDismiss: false);
            job.End();
            await job.WaitConcludedAsync();
            Refused(job.Pause, "Job 'j' in state 'concluded' cannot accept command verb 'pause'");
            Refused(job.Complete, "Job 'j' in state 'concluded' cannot accept command verb 'complete'");
            Refused(() => job.FinalizeAsync().AsTask(), "Job 'j' in state 'concluded' cannot accept command verb 'finalize'");
            Refused(() => job.Cancel(force: false), "Job 'j' in state 'concluded' cannot accept command verb 'cancel'");
            Refused(() => new TestJob(jobs, new("j")).Register(), "Job ID 'j' already in use");
            job.Dismiss();
        });

    [Fact]
    public void Grouped_jobs_end_together_the_newest_first() =>
        Run(async jobs =>
        {
            var (a, b) = StartGroup(jobs);
            a.End();
            await JobWorld.UntilAsync(() => a.Status == JobStatus.Waiting);
            await JobWorld.TurnsAsync(20);
            _ = events.Take();
            b.End();
            await a.WaitConcludedAsync();
            Assert.Equal(
                ["b waiting", "b pending", "a pending", "b concluded", "b null", "a concluded", "a null"],
                events.Take()
            );
        });

    [Fact]
    public void Grouped_jobs_are_finalized_by_one_word_to_any_of_them() =>
        Run(async jobs =>
        {
            var (a, b) = StartGroup(jobs, autoFinalizeA: false);
            a.End();
            b.End();
            await JobWorld.UntilAsync(() => a.Status == JobStatus.Pending);
            await JobWorld.TurnsAsync(20);
            Assert.Equal(JobStatus.Pending, b.Status);
            _ = events.Take();
            await b.FinalizeAsync();
            Assert.Equal(["b concluded", "b null", "a concluded", "a null"], events.Take());
        });

    [Fact]
    public void One_grouped_jobs_failure_cancels_the_others() =>
        Run(async jobs =>
        {
            var (a, b) = StartGroup(jobs);
            a.End();
            await JobWorld.UntilAsync(() => a.Status == JobStatus.Waiting);
            _ = events.Take();
            b.End(IoStatus.IoError);
            await a.WaitConcludedAsync();
            Assert.Equal(["b aborting", "b concluded", "b null", "a aborting", "a concluded", "a null"], events.Take());
            Assert.Equal("Input/output error", b.Error?.Text);
            Assert.Equal("Operation canceled", a.Error?.Text);
            Assert.DoesNotContain("commit", a.Calls);
        });

    [Fact]
    public void One_grouped_jobs_cancel_cancels_those_at_work_and_those_paused() =>
        Run(async jobs =>
        {
            var (a, b) = StartGroup(jobs);
            a.Pause();
            await JobWorld.UntilAsync(() => a.Status == JobStatus.Paused);
            _ = events.Take();
            b.Cancel(force: false);
            await a.WaitConcludedAsync();
            await b.WaitConcludedAsync();
            Assert.Equal(
                ["a running", "b aborting", "b concluded", "b null", "a aborting", "a concluded", "a null"],
                events.Take()
            );
        });

    [Fact]
    public void A_pending_job_whose_group_is_being_undone_is_not_finalized() =>
        Run(async jobs =>
        {
            var (a, b) = StartGroup(jobs, autoFinalizeA: false);
            a.End();
            b.End();
            await JobWorld.TurnsAsync(50);
            Assert.Equal((JobStatus.Pending, JobStatus.Pending), (a.Status, b.Status));
            a.Cancel(force: false);
            Assert.Equal((JobStatus.Aborting, JobStatus.Pending), (a.Status, b.Status));
            Refused(() => b.FinalizeAsync().AsTask(), "Job 'b' in state 'pending' cannot accept command verb 'finalize'");
            await JobWorld.TurnsAsync(50);
            Assert.Empty(jobs.Jobs);
        });

    [Fact]
    public void Shutting_down_ends_jobs_in_every_status() =>
        Run(async jobs =>
        {
            _ = Start(jobs, "running");
            var paused = Start(jobs, "paused");
            paused.Pause();
            var concluded = Start(jobs, "concluded", autoDismiss: false);
            concluded.End();
            var pending = Start(jobs, "pending", autoFinalize: false);
            pending.End();
            var created = new TestJob(jobs, new("created"));
            created.Register();
            await JobWorld.TurnsAsync(50);
            await jobs.CancelAllAsync();
            Assert.Empty(jobs.Jobs);
        });

    [Fact]
    public void Shutting_down_ends_a_pending_job_that_is_undone_at_once_and_waits_to_be_dismissed() =>
        Run(async jobs =>
        {
            var job = new TestJob(jobs, new("j", AutoFinalize: false, AutoDismiss: false)) { IsSlow = false };
            job.Register();
            job.Start();
            job.End();
            await JobWorld.TurnsAsync(50);
            Assert.Equal(JobStatus.Pending, job.Status);
            var end = jobs.CancelAllAsync().AsTask();
            await JobWorld.TurnsAsync(50);
            Assert.True(end.IsCompletedSuccessfully);
            Assert.Empty(jobs.Jobs);
        });

    private static void Refused(Func<object> act, string message) =>
        Assert.Equal(message, Assert.Throws<BlockException>(act).Message);

    private static void Refused(Action act, string message) => Assert.Equal(message, Assert.Throws<BlockException>(act).Message);

    private static TestJob Start(JobRegistry jobs, string id, bool autoFinalize = true, bool autoDismiss = true)
    {
        var job = new TestJob(jobs, new(id, autoFinalize, autoDismiss));
        job.Register();
        job.Start();
        return job;
    }

    private static (TestJob A, TestJob B) StartGroup(JobRegistry jobs, bool autoFinalizeA = true)
    {
        var group = new JobTransaction();
        var a = new TestJob(jobs, new("a", autoFinalizeA));
        var b = new TestJob(jobs, new("b"));
        foreach (var job in (TestJob[])[a, b])
        {
            job.Register();
            job.Join(group);
        }
        a.Start();
        b.Start();
        return (a, b);
    }

    private void Run(Func<JobRegistry, Task> body) => LoopTest.RunLoop(() => body(new JobRegistry { Observer = events }));
}
