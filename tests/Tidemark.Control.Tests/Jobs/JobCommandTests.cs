using Tidemark.Core.Json;
using Tidemark.Core.Units;

namespace Tidemark.Control.Tests.Jobs;

/// <summary>The job commands and the events around them (contract J6, T3, T4); what a backup copies is proven in its own room.</summary>
public sealed class JobCommandTests
{
    [Theory]
    [InlineData("job-cancel", "{'id':'x'}", "Job not found")]
    [InlineData("job-dismiss", "{'id':'x'}", "Job not found")]
    [InlineData("job-finalize", "{'id':'x'}", "Job not found")]
    [InlineData("block-job-cancel", "{'device':'x'}", "DeviceNotActive: Block job 'x' not found")]
    [InlineData("block-job-pause", "{'device':'x'}", "DeviceNotActive: Block job 'x' not found")]
    [InlineData("block-job-set-speed", "{'device':'x','speed':1}", "DeviceNotActive: Block job 'x' not found")]
    [InlineData("block-job-dismiss", "{'id':'x'}", "DeviceNotActive: Block job 'x' not found")]
    [InlineData("block-job-change", "{'id':'x','type':'stream'}", "DeviceNotActive: Block job 'x' not found")]
    [InlineData("block-job-change", "{'id':'x'}", "Parameter 'type' is missing")]
    [InlineData("block-job-change", "{'id':'x','type':'mirror'}", "Parameter 'copy-mode' is missing")]
    [InlineData("block-job-change", "{'id':'x','type':'odd'}", "Parameter 'type' does not accept value 'odd'")]
    [InlineData("block-job-change", "{'id':'x','type':'backup','copy-mode':'background'}", "Parameter 'copy-mode' is unexpected")]
    [InlineData("blockdev-backup", "{}", "Parameter 'device' is missing")]
    [InlineData(
        "blockdev-backup",
        "{'device':'n','target':'t','sync':'sideways'}",
        "Parameter 'sync' does not accept value 'sideways'"
    )]
    [InlineData("blockdev-backup", "{'device':'n','target':'t','sync':'full'}", "Invalid job ID ''")]
    [InlineData(
        "blockdev-backup",
        "{'device':'n','target':'n','sync':'full','job-id':'j'}",
        "Source and target cannot be the same"
    )]
    [InlineData(
        "blockdev-backup",
        "{'device':'n','target':'t','sync':'incremental','job-id':'j','bitmap':'x'}",
        "Bitmap 'x' could not be found"
    )]
    [InlineData(
        "blockdev-create",
        "{'job-id':'c','options':{'driver':'no-such'}}",
        "Parameter 'driver' does not accept value 'no-such'"
    )]
    [InlineData(
        "blockdev-create",
        "{'job-id':'c','options':{'driver':'null-co','size':5}}",
        "Parameter 'options.size' is unexpected"
    )]
    [InlineData("blockdev-create", "{'job-id':'c','options':{'driver':'null-co'}}", "Driver does not support blockdev-create")]
    [InlineData("blockdev-create", "{'job-id':'c','options':{'driver':'file'}}", "Parameter 'options.filename' is missing")]
    [InlineData("blockdev-create", "{'job-id':'c','options':{'driver':'qcow2','size':5}}", "Parameter 'options.file' is missing")]
    [InlineData(
        "blockdev-create",
        "{'job-id':'1bad','options':{'driver':'file','filename':'f','size':0}}",
        "Invalid job ID '1bad'"
    )]
    public void Refusals_are_worded_as_the_reference_s(string command, string arguments, string text) =>
        TestDaemon.Run(async daemon =>
        {
            await daemon.AddNodeAsync("n");
            await daemon.AddNodeAsync("t");
            Assert.Equal(text, await daemon.RefusedAsync(command, arguments));
            Assert.Equal("[]", (await daemon.OkAsync("query-jobs")).ToJson());
        });

    [Fact]
    public void A_backup_runs_through_its_life() =>
        TestDaemon.Run(async daemon =>
        {
            await daemon.AddNodeAsync("n");
            await daemon.AddNodeAsync("t");
            await daemon.OkAsync(
                "blockdev-backup",
                "{'device':'n','target':'t','sync':'full','job-id':'j','auto-dismiss':false}"
            );
            // All four come before the reply.
            Assert.Equal(["created", "running", "paused", "running"], await StatesAsync(daemon, 4));
            Assert.Equal(["waiting", "pending"], await StatesAsync(daemon, 2));
            var completed = await daemon.Client.WaitEventAsync(_ => true);
            Assert.Equal("BLOCK_JOB_COMPLETED", completed.GetString("event"));
            Assert.Equal("j", ((JsonObject)completed["data"]).GetString("device"));
            Assert.Equal("67108864", ((JsonObject)completed["data"])["len"].ToJson());
            Assert.Equal(["concluded"], await StatesAsync(daemon, 1));
            Assert.Equal(
                "[{\"id\": \"j\", \"type\": \"backup\", \"status\": \"concluded\", \"current-progress\": 67108864, \"total-progress\": 67108864}]",
                (await daemon.OkAsync("query-jobs")).ToJson()
            );
            await daemon.OkAsync("job-dismiss", "{'id':'j'}");
            Assert.Equal(["null"], await StatesAsync(daemon, 1));
        });

    [Fact]
    public void A_transaction_undone_takes_its_jobs_back() =>
        TestDaemon.Run(async daemon =>
        {
            await daemon.AddNodeAsync("n");
            await daemon.AddNodeAsync("t");
            await daemon.OkAsync("block-dirty-bitmap-add", "{'node':'n','name':'b'}");
            daemon.Graph.Require("n").Bitmaps.Mark(new ByteRange(0, 1));
            var refusal = await daemon.RefusedAsync(
                "transaction",
                "{'actions':[{'type':'blockdev-backup','data':{'device':'n','target':'t','sync':'incremental','bitmap':'b','job-id':'j'}},"
                    + "{'type':'abort','data':{}}]}"
            );
            Assert.Equal("Transaction aborted using Abort action", refusal);
            Assert.Equal(["created", "aborting", "concluded", "null"], await StatesAsync(daemon, 4));
            Assert.Equal(["b 65536/65536 recording"], await daemon.BitmapsAsync("n"));
            Assert.Equal(2, daemon.Graph.Nodes.Count);
        });

    [Fact]
    public void Grouped_jobs_end_together() =>
        TestDaemon.Run(async daemon =>
        {
            foreach (var name in (string[])["n0", "n1", "t0", "t1"])
            {
                await daemon.AddNodeAsync(name, 1 << 20);
            }
            await daemon.OkAsync(
                "transaction",
                "{'properties':{'completion-mode':'grouped'},'actions':["
                    + "{'type':'blockdev-backup','data':{'device':'n0','target':'t0','sync':'full','job-id':'j0'}},"
                    + "{'type':'blockdev-backup','data':{'device':'n1','target':'t1','sync':'full','job-id':'j1','auto-finalize':false}}]}"
            );
            var pending = await daemon.Client.WaitEventAsync(e => e.GetString("event") == "BLOCK_JOB_PENDING");
            Assert.Equal("{\"type\": \"backup\", \"id\": \"j1\"}", pending["data"].ToJson());
            Assert.Equal(
                ["pending", "pending"],
                ((JsonArray)await daemon.OkAsync("query-block-jobs")).Cast<JsonObject>().Select(j => j.GetString("status"))
            );
            Assert.Equal(
                "Node 't0' is busy: block device is in use by block job: backup",
                await daemon.RefusedAsync("blockdev-del", "{'node-name':'t0'}")
            );
            await daemon.OkAsync("job-finalize", "{'id':'j1'}");
            Assert.Equal("[]", (await daemon.OkAsync("query-jobs")).ToJson());
        });

    [Fact]
    public void A_slow_job_pauses_resumes_changes_speed_and_is_cancelled() =>
        TestDaemon.Run(async daemon =>
        {
            await daemon.AddNodeAsync("n");
            await daemon.AddNodeAsync("t");
            await daemon.OkAsync("blockdev-backup", "{'device':'n','target':'t','sync':'full','job-id':'j','speed':65536}");
            await daemon.OkAsync("block-job-pause", "{'device':'j'}");
            Assert.Equal("Job is already paused", await daemon.RefusedAsync("job-pause", "{'id':'j'}"));
            Assert.Equal(
                "The block job for device 'j' is currently paused",
                await daemon.RefusedAsync("block-job-cancel", "{'device':'j'}")
            );
            await daemon.OkAsync("job-resume", "{'id':'j'}");
            await daemon.OkAsync("block-job-set-speed", "{'device':'j','speed':131072}");
            var job = (JsonObject)Assert.Single((JsonArray)await daemon.OkAsync("query-block-jobs"));
            Assert.Equal(("131072", "ok", "backup"), (job["speed"].ToJson(), job.GetString("io-status"), job.GetString("type")));
            Assert.Equal(
                "Job 'j' in state 'running' cannot accept command verb 'dismiss'",
                await daemon.RefusedAsync("job-dismiss", "{'id':'j'}")
            );
            await daemon.OkAsync("job-cancel", "{'id':'j'}");
            var cancelled = await daemon.Client.WaitEventAsync(e => e.GetString("event") == "BLOCK_JOB_CANCELLED");
            Assert.Equal(["type", "device", "len", "offset", "speed"], ((JsonObject)cancelled["data"]).Names);
        });

    [Fact]
    public void A_mirror_is_told_to_follow_its_guests_at_once() =>
        TestDaemon.Run(async daemon =>
        {
            await daemon.AddNodeAsync("n");
            await daemon.AddNodeAsync("t");
            await daemon.OkAsync("blockdev-mirror", "{'device':'n','target':'t','sync':'full','job-id':'j'}");
            await daemon.Client.WaitEventAsync(e => e.GetString("event") == "BLOCK_JOB_READY");
            Assert.Equal("false", await SyncedAsync());
            await daemon.OkAsync("block-job-change", "{'id':'j','type':'mirror','copy-mode':'write-blocking'}");
            Assert.Equal("true", await SyncedAsync());
            Assert.Equal(
                "Change to copy mode 'background' is not implemented",
                await daemon.RefusedAsync("block-job-change", "{'id':'j','type':'mirror','copy-mode':'background'}")
            );

            async Task<string> SyncedAsync() =>
                ((JsonObject)Assert.Single((JsonArray)await daemon.OkAsync("query-block-jobs")))["actively-synced"].ToJson();
        });

    [Fact]
    public void The_schema_says_that_only_a_mirror_tells_whether_it_is_synced() =>
        TestDaemon.Run(async daemon =>
        {
            var entries = ((JsonArray)await daemon.OkAsync("query-qmp-schema")).Cast<JsonObject>().ToList();
            var list = Find("query-block-jobs").GetString("ret-type")!;
            var info = Find(Find(list).GetString("element-type")!);
            Assert.Equal("type", info.GetString("tag"));
            Assert.DoesNotContain("actively-synced", info["members"].ToJson(), StringComparison.Ordinal);
            var variants = ((JsonArray)info["variants"]).Cast<JsonObject>().ToList();
            Assert.All(
                variants,
                variant =>
                    Assert.Equal(
                        variant.GetString("case") == "mirror" ? 1 : 0,
                        ((JsonArray)Find(variant.GetString("type")!)["members"]).Count
                    )
            );

            JsonObject Find(string name) => entries.Single(entry => entry.GetString("name") == name);
        });

    [Fact]
    public void An_image_is_made_by_a_job_that_waits_to_be_dismissed() =>
        TestDaemon.Run(async daemon =>
        {
            var path = Path.Combine(daemon.Folder, "new.qcow2");
            await daemon.OkAsync(
                "blockdev-create",
                "{'job-id':'c','options':{'driver':'file','filename':'" + path + "','size':0}}"
            );
            await daemon.Client.WaitEventAsync(e => e["data"].ToJson().Contains("concluded", StringComparison.Ordinal));
            await daemon.OkAsync("job-dismiss", "{'id':'c'}");
            await daemon.OkAsync("blockdev-add", "{'driver':'file','node-name':'f','filename':'" + path + "'}");
            await daemon.OkAsync("blockdev-create", "{'job-id':'c','options':{'driver':'qcow2','file':'f','size':1000}}");
            await daemon.Client.WaitEventAsync(e => e["data"].ToJson().Contains("concluded", StringComparison.Ordinal));
            var job = (JsonObject)Assert.Single((JsonArray)await daemon.OkAsync("query-jobs"));
            Assert.Equal("Image size must be a multiple of 512 bytes", job.GetString("error"));
            await daemon.OkAsync("job-dismiss", "{'id':'c'}");
            await daemon.OkAsync("blockdev-create", "{'job-id':'c','options':{'driver':'qcow2','file':'f','size':1048576}}");
            await daemon.Client.WaitEventAsync(e => e["data"].ToJson().Contains("concluded", StringComparison.Ordinal));
            await daemon.OkAsync("job-dismiss", "{'id':'c'}");
            await daemon.OkAsync("blockdev-add", "{'driver':'qcow2','node-name':'q','file':'f'}");
            await daemon.OkAsync("block-dirty-bitmap-add", "{'node':'q','name':'p','persistent':true}");
            Assert.Equal(["p 0/65536 recording persistent"], await daemon.BitmapsAsync("q"));
            await daemon.OkAsync("blockdev-del", "{'node-name':'q'}");
            await daemon.OkAsync("blockdev-add", "{'driver':'qcow2','node-name':'q','file':'f'}");
            Assert.Equal(["p 0/65536 recording persistent"], await daemon.BitmapsAsync("q"));
            await daemon.OkAsync("block-dirty-bitmap-remove", "{'node':'q','name':'p'}");
            Assert.Empty(await daemon.BitmapsAsync("q"));
        });

    private static async Task<string[]> StatesAsync(TestDaemon daemon, int count)
    {
        var states = new string[count];
        for (var i = 0; i < count; i++)
        {
            var happened = await daemon.Client.WaitEventAsync(_ => true);
            Assert.Equal("JOB_STATUS_CHANGE", happened.GetString("event"));
            states[i] = ((JsonObject)happened["data"]).GetString("status")!;
        }
        return states;
    }
}
