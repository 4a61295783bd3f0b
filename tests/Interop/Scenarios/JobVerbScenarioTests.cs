namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>Every verb in every state beside the reference, for each kind of block job: what is accepted, and how the rest is refused.</summary>
public sealed class JobVerbScenarioTests
{
    private static readonly (string Command, string Arguments)[] Verbs =
    [
        ("job-resume", "{'id':'j'}"),
        ("job-complete", "{'id':'j'}"),
        ("job-finalize", "{'id':'j'}"),
        ("job-dismiss", "{'id':'j'}"),
        ("block-job-resume", "{'device':'j'}"),
        ("block-job-complete", "{'device':'j'}"),
        ("block-job-finalize", "{'id':'j'}"),
        ("block-job-dismiss", "{'id':'j'}"),
        ("block-job-set-speed", "{'device':'j','speed':-1}"),
    ];

    [Theory]
    [InlineData("blockdev-backup", "'device':'n2','target':'t','sync':'full'")]
    [InlineData("block-stream", "'device':'n2'")]
    [InlineData("block-commit", "'device':'n2','top-node':'n1','base-node':'n0'")]
    public void Verbs_are_taken_and_refused_alike_from_the_beginning_to_the_end(string command, string arguments)
    {
        using var pair = new DaemonPair().Chain(3);
        pair.Node("t", size: "4M");
        pair.Export("n2");
        _ = pair.Do(command, $"{{'job-id':'j','speed':1,'auto-finalize':false,'auto-dismiss':false,{arguments}}}");
        Ask(pair); // running
        Pause(pair, isBackup: command == "blockdev-backup");
        Refuse(pair, "job-pause", "block-job-pause");
        _ = pair.Do("block-job-cancel", "{'device':'j'}");
        foreach (var (verb, data) in Verbs.Where(static verb => !verb.Command.EndsWith("resume", StringComparison.Ordinal)))
        {
            _ = pair.Do(verb, data);
        }
        _ = pair.Do("block-job-set-speed", "{'device':'j','speed':0}");
        _ = pair.Do("block-job-resume", "{'device':'j'}");
        pair.WaitJob("j", "pending");
        Refuse(pair, "job-pause", "block-job-pause", "job-resume", "job-complete", "job-dismiss", "block-job-dismiss");
        _ = pair.Do("block-job-set-speed", "{'device':'j','speed':5}");
        _ = pair.Do("job-finalize", "{'id':'j'}");
        pair.WaitJob("j", "concluded");
        Refuse(pair, "job-pause", "job-cancel", "block-job-cancel", "job-resume", "job-complete", "job-finalize");
        _ = pair.Do("block-job-set-speed", "{'device':'j','speed':5}");
        _ = pair.Do("job-dismiss", "{'id':'j'}");
        Ask(pair); // gone
        pair.CompareState();
        pair.CompareEvents();
    }

    [Theory]
    [InlineData("job-cancel", "{'id':'j'}")]
    [InlineData("block-job-cancel", "{'device':'j','force':true}")]
    public void A_paused_job_that_is_forced_to_end_is_gone_when_the_reply_comes(string verb, string data)
    {
        using var pair = new DaemonPair();
        pair.Node("n");
        pair.Node("t");
        pair.Export("n");
        pair.Io("n", "write -P 1 0 8M");
        _ = pair.Do("blockdev-backup", "{'job-id':'j','device':'n','target':'t','sync':'full','speed':1}");
        Pause(pair, isBackup: true);
        _ = pair.Do(verb, data);
        _ = pair.Do("query-jobs");
        pair.CompareEvents();
    }

    private static void Pause(DaemonPair pair, bool isBackup)
    {
        _ = pair.Do("job-pause", "{'id':'j'}");
        if (isBackup)
        {
            // It begins in a drained section.
            pair.WaitJob("j", "paused");
        }
        pair.WaitJob("j", "paused");
    }

    private static void Ask(DaemonPair pair)
    {
        foreach (var (verb, data) in Verbs)
        {
            _ = pair.Do(verb, data);
        }
    }

    private static void Refuse(DaemonPair pair, params string[] verbs)
    {
        foreach (var verb in verbs)
        {
            var member =
                verb.StartsWith("block-", StringComparison.Ordinal) && !verb.EndsWith("dismiss", StringComparison.Ordinal)
                    ? "device"
                    : "id";
            Assert.True(pair.Do(verb, $"{{'{member}':'j'}}").ContainsKey("error"));
        }
    }
}
