using System.Diagnostics;
using Tidemark.Testing;

namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>Backups to a server that is killed in the middle, beside the reference: what is told, what the bitmap keeps, and how it goes on. J3, J8.</summary>
public sealed class LostTargetScenarioTests
{
    private const string Backup = "'job-id':'j','device':'a','sync':'incremental','bitmap':'b'";

    [Fact]
    public void A_target_that_is_gone_fails_the_backup_and_the_next_one_has_it_all()
    {
        using var pair = Dirty();
        using (new Servers(pair))
        {
            Target(pair, "t", reconnectSeconds: 0);
            _ = pair.Do("blockdev-backup", $"{{{Backup},'target':'t','speed':524288}}");
            pair.WaitProgress("j", 1 << 20);
        }
        pair.WaitJob("j");
        pair.CompareEvents();
        pair.CompareState();
        // It does not come back by itself, though a server is there again.
        using var servers = new Servers(pair);
        _ = pair.Do("blockdev-backup", $"{{{Backup},'target':'t'}}");
        pair.WaitJob("j");
        pair.CompareState();
        Target(pair, "u", reconnectSeconds: 0);
        _ = pair.Do("blockdev-backup", $"{{{Backup},'target':'u'}}");
        pair.WaitJob("j");
        pair.CompareEvents();
        pair.CompareState();
        servers.Dispose();
        pair.Judge("qemu-img", "compare", "-U", "DIR/a.img", "DIR/target.img");
    }

    [Fact]
    public void A_job_that_stops_for_a_target_that_is_gone_tries_again_when_resumed()
    {
        using var pair = Dirty();
        using (new Servers(pair))
        {
            Target(pair, "t", reconnectSeconds: 0);
            _ = pair.Do("blockdev-backup", $"{{{Backup},'target':'t','speed':524288,'on-target-error':'stop'}}");
            pair.WaitProgress("j", 1 << 20);
        }
        pair.WaitEvent("BLOCK_JOB_ERROR", "j");
        pair.CompareState();
        _ = pair.Do("block-job-resume", "{'device':'j'}");
        pair.WaitEvent("BLOCK_JOB_ERROR", "j");
        _ = pair.Do("block-job-cancel", "{'device':'j','force':true}");
        pair.WaitJob("j");
        pair.CompareEvents();
        pair.CompareState();
    }

    [Fact]
    public void With_a_reconnect_delay_a_job_outlives_a_restart_of_its_target()
    {
        using var pair = Dirty();
        using (new Servers(pair))
        {
            Target(pair, "t", reconnectSeconds: 60);
            // So slow that the one that connects again first can't be done before the other.
            _ = pair.Do("blockdev-backup", $"{{{Backup},'target':'t','speed':65536}}");
            pair.WaitProgress("j", 1 << 20);
        }
        using var servers = new Servers(pair);
        pair.Io("a", "write -P 9 7M 1M");
        _ = pair.Do("block-job-set-speed", "{'device':'j','speed':0}");
        pair.WaitJob("j");
        pair.CompareEvents();
        pair.CompareState();
    }

    private static DaemonPair Dirty()
    {
        var pair = new DaemonPair();
        pair.Node("a", size: "8M");
        pair.Image("target.img", size: "8M");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'a','name':'b'}");
        pair.Export("a");
        pair.Io("a", "write -P 5 0 8M");
        return pair;
    }

    private static void Target(DaemonPair pair, string node, int reconnectSeconds) =>
        _ = pair.Do(
            "blockdev-add",
            $"{{'driver':'nbd','node-name':'{node}','server':{{'type':'unix','path':'target.sock'}},'reconnect-delay':{reconnectSeconds}}}"
        );

    /// <summary>A server of "target.img" in each folder, until it is killed.</summary>
    private sealed class Servers : IDisposable
    {
        private readonly DaemonPair pair;
        private readonly List<Process> processes = [];

        public Servers(DaemonPair pair)
        {
            this.pair = pair;
            pair.InFolders("start servers", Start);
        }

        public void Dispose()
        {
            foreach (var process in processes)
            {
                process.Kill();
                process.WaitForExit();
                process.Dispose();
            }
            processes.Clear();
            pair.InFolders("kill servers", static folder => File.Delete(Path.Combine(folder, "target.sock")));
        }

        private void Start(string folder)
        {
            var socket = Path.Combine(folder, "target.sock");
            string[] arguments = ["-t", "-e", "8", "-k", socket, "-f", "qcow2", Path.Combine(folder, "target.img")];
            processes.Add(Process.Start("qemu-nbd", arguments));
            while (!ProgramRun.Of("nbdinfo", "--size", $"nbd+unix:///?socket={socket}").ExitCode.Equals(0))
            {
                Thread.Sleep(10);
            }
        }
    }
}
