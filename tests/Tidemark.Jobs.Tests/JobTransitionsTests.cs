using static Tidemark.Jobs.JobStatus;

namespace Tidemark.Jobs.Tests;

public sealed class JobTransitionsTests
{
    [Theory]
    [InlineData(Undefined, new[] { Created })]
    [InlineData(Created, new[] { Running, Aborting, Null })]
    [InlineData(Running, new[] { Paused, Ready, Waiting, Aborting })]
    [InlineData(Paused, new[] { Running })]
    [InlineData(Ready, new[] { Standby, Waiting, Aborting })]
    [InlineData(Standby, new[] { Ready })]
    [InlineData(Waiting, new[] { Pending, Aborting })]
    [InlineData(Pending, new[] { Aborting, Concluded })]
    [InlineData(Aborting, new[] { Concluded })]
    [InlineData(Concluded, new[] { Null })]
    [InlineData(Null, new JobStatus[0])]
    public void A_status_is_followed_only_by_those_of_the_protocol(JobStatus from, JobStatus[] to)
    {
        foreach (var status in Enum.GetValues<JobStatus>())
        {
            Assert.Equal(to.Contains(status), JobTransitions.IsLegal(from, status));
        }
    }

    [Theory]
    [InlineData(JobVerb.Cancel, new[] { Created, Running, Paused, Ready, Standby, Waiting, Pending })]
    [InlineData(JobVerb.Pause, new[] { Created, Running, Paused, Ready, Standby })]
    [InlineData(JobVerb.Resume, new[] { Created, Running, Paused, Ready, Standby })]
    [InlineData(JobVerb.SetSpeed, new[] { Created, Running, Paused, Ready, Standby })]
    [InlineData(JobVerb.Complete, new[] { Ready, Standby })]
    [InlineData(JobVerb.Finalize, new[] { Pending })]
    [InlineData(JobVerb.Dismiss, new[] { Concluded })]
    [InlineData(JobVerb.Change, new[] { Created, Running, Paused, Ready, Standby })]
    public void A_verb_is_accepted_only_where_the_protocol_says(JobVerb verb, JobStatus[] accepting)
    {
        foreach (var status in Enum.GetValues<JobStatus>())
        {
            Assert.Equal(accepting.Contains(status), JobTransitions.Accepts(status, verb));
        }
    }
}
