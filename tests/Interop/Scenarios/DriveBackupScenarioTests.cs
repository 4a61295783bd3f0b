using Tidemark.Testing;

namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>drive-backup beside the reference: what target files it makes or opens, and what it refuses.</summary>
public sealed class DriveBackupScenarioTests
{
    [Theory]
    [InlineData("'sync':'full'")]
    [InlineData("'sync':'full','format':'raw'")]
    [InlineData("'sync':'top'")]
    [InlineData("'sync':'top','format':'qcow2'")]
    [InlineData("'sync':'incremental','bitmap':'b0','format':'qcow2'")]
    [InlineData("'sync':'bitmap','bitmap':'b0','bitmap-mode':'never'")]
    public void A_target_is_made_as_the_kind_of_backup_needs_it(string members)
    {
        using var pair = Chain();
        _ = pair.Do("drive-backup", $"{{'job-id':'j','device':'top','target':'t.img',{members}}}");
        pair.WaitJob("j");
        pair.CompareEvents();
        pair.CompareState();
        pair.Judge("qemu-img", "info", "--output=json", "DIR/t.img");
        JudgeContent(pair);
    }

    [Fact]
    public void Top_of_an_image_without_a_backing_file_is_all_of_it()
    {
        using var pair = new DaemonPair();
        pair.Node("a");
        _ = pair.Do("drive-backup", "{'job-id':'j','device':'a','target':'t.img','sync':'top'}");
        pair.WaitJob("j");
        pair.CompareEvents();
        pair.Judge("qemu-img", "info", "--output=json", "DIR/t.img");
    }

    [Fact]
    public void A_target_that_is_there_keeps_its_backing_file()
    {
        using var pair = Chain();
        pair.Image("t.img", "qcow2", "", "-b", "base.img", "-F", "qcow2");
        _ = pair.Do(
            "drive-backup",
            "{'job-id':'j','device':'top','target':'t.img','sync':'incremental','bitmap':'b0','mode':'existing'}"
        );
        pair.WaitJob("j");
        pair.CompareEvents();
        pair.Judge("qemu-img", "info", "--output=json", "DIR/t.img");
        JudgeContent(pair);
        pair.Judge("qemu-img", "compare", "-U", "DIR/top.img", "DIR/t.img");
    }

    [Fact]
    public void What_a_job_of_sync_none_did_not_save_reads_as_the_source_has_it()
    {
        using var pair = Chain();
        _ = pair.Do("drive-backup", "{'job-id':'j','device':'top','target':'t.img','sync':'none'}");
        pair.Io("top", "write -P 3 5M 64k");
        _ = pair.Do("block-job-cancel", "{'device':'j'}");
        pair.WaitJob("j");
        pair.CompareState();
        pair.Judge("qemu-img", "info", "-U", "--output=json", "DIR/t.img");
        JudgeContent(pair);
        _ = pair.Do("drive-backup", "{'job-id':'j','device':'top','target':'t.raw','sync':'none','format':'raw'}");
        pair.CompareState();
    }

    [Fact]
    public void Wrong_targets_are_refused()
    {
        using var pair = Chain();
        pair.Image("small.img", "qcow2", "1M");
        string[] wrong =
        [
            "'device':'top','target':'missing.img','sync':'full','mode':'existing'",
            "'device':'top','target':'missing.img','sync':'full','mode':'existing','format':'qcow2'",
            "'device':'top','target':'t.img','sync':'full','mode':'sideways'",
            "'device':'top','target':'no/such/t.img','sync':'full'",
            "'device':'top','target':'t.img','sync':'full','format':'nothing'",
            "'device':'none','target':'t.img','sync':'full'",
            "'device':'top','target':'','sync':'full'",
            "'device':'top','target':'top.img','sync':'full'",
            "'device':'top','target':'t.img','sync':'incremental'",
            "'device':'top','target':'small.img','sync':'full','mode':'existing','format':'qcow2'",
            "'device':'top','sync':'full'",
        ];
        foreach (var members in wrong)
        {
            _ = pair.Do("drive-backup", $"{{'job-id':'j',{members}}}");
        }
        pair.CompareState();
    }

    [Fact]
    public void It_takes_part_in_transactions()
    {
        using var pair = Chain();
        const string backup =
            "{'type':'drive-backup','data':{'job-id':'j','device':'top','target':'t.img','sync':'full','format':'qcow2'}}";
        _ = pair.Transaction(backup, "{'type':'abort','data':{}}");
        pair.CompareState();
        _ = pair.Transaction("{'type':'block-dirty-bitmap-clear','data':{'node':'top','name':'b0'}}", backup);
        // The undone one has gone through null before.
        pair.WaitJob("j");
        pair.WaitJob("j");
        pair.CompareEvents();
        pair.CompareState();
        pair.Judge("qemu-img", "compare", "-U", "DIR/top.img", "DIR/t.img");
    }

    /// <summary>What the target holds of its own; where its clusters lie is for chance to say, pieces are copied side by side.</summary>
    private static void JudgeContent(DaemonPair pair) =>
        pair.Judge(
            "sh",
            "-c",
            "qemu-img check DIR/t.img | grep -v fragmented; qemu-img convert -O raw DIR/t.img DIR/content && sha256sum < DIR/content"
        );

    private static DaemonPair Chain()
    {
        var pair = new DaemonPair();
        pair.Image("base.img");
        pair.ChangeImage(
            "base.img",
            static path => ProgramRun.Of("qemu-io", ["-f", "qcow2", "-c", "write -P 9 0 4M", path]).MustSucceed()
        );
        pair.Image("top.img", "qcow2", "", "-b", "base.img", "-F", "qcow2");
        pair.Add("top");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'top','name':'b0'}");
        pair.Export("top");
        pair.Io("top", "write -P 1 1M 1M", "write -P 2 40M 64k");
        return pair;
    }
}
