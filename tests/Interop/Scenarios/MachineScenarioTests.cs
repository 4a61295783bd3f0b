namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>What a machine without a guest answers, beside the reference's: run states, and all that concerns migrations.</summary>
public sealed class MachineScenarioTests
{
    [Fact]
    public void Run_states_follow_commands()
    {
        using var pair = DaemonPair.Machines("-S", "-name", "it", "-uuid", "01234567-89ab-cdef-0123-456789abcdef");
        foreach (var command in (string[])["stop", "cont", "cont", "stop", "stop", "cont"])
        {
            _ = pair.Do("query-status");
            _ = pair.Do(command);
        }
        _ = pair.Do("query-status");
        _ = pair.Do("query-name");
        _ = pair.Do("query-uuid");
        _ = pair.Do("query-target");
        pair.CompareEvents();
        pair.Quit();
    }

    [Fact]
    public void A_machine_runs_at_once_and_one_that_waits_does_not()
    {
        using (var pair = DaemonPair.Machines())
        {
            _ = pair.Do("query-status");
        }
        using (var pair = DaemonPair.Machines("-incoming", "defer"))
        {
            foreach (var command in (string[])["cont", "stop", "cont"])
            {
                _ = pair.Do(command);
                _ = pair.Do("query-status");
            }
            _ = pair.Do("migrate", "{'uri':'exec:cat'}");
            foreach (var uri in (string[])["bogus", "tcp:x", "unix:", "fd:no"])
            {
                _ = pair.Do("migrate-incoming", $"{{'uri':'{uri}'}}");
            }
            _ = pair.Do("migrate-incoming", "{'uri':'unix:m'}");
            _ = pair.Do("query-migrate");
            _ = pair.Do("migrate-incoming", "{'uri':'unix:n'}");
            pair.CompareEvents();
        }
    }

    [Fact]
    public void Commands_of_migration_out_of_turn_are_refused()
    {
        using var pair = DaemonPair.Machines("-S");
        _ = pair.Do("query-migrate");
        _ = pair.Do("migrate_cancel");
        foreach (var state in (string[])["pre-switchover", "active", "none", "bogus"])
        {
            _ = pair.Do("migrate-continue", $"{{'state':'{state}'}}");
        }
        _ = pair.Do("migrate-continue");
        _ = pair.Do("migrate-start-postcopy");
        _ = pair.Do("migrate-incoming", "{'uri':'unix:x'}");
        _ = pair.Do("migrate");
        _ = pair.Do("migrate", "{'uri':'unix:x','resume':true}");
        foreach (var uri in (string[])["bogus", "bogus:x", "tcp:nohost", "fd:nofd"])
        {
            _ = pair.Do("migrate", $"{{'uri':'{uri}'}}");
            _ = pair.Do("query-migrate");
        }
        pair.CompareEvents();
    }

    [Fact]
    public void Capabilities_stand_against_each_other_as_there()
    {
        string[] all =
        [
            "xbzrle",
            "rdma-pin-all",
            "auto-converge",
            "zero-blocks",
            "compress",
            "events",
            "postcopy-ram",
            "x-colo",
            "release-ram",
            "block",
            "return-path",
            "pause-before-switchover",
            "multifd",
            "dirty-bitmaps",
            "postcopy-blocktime",
            "late-block-activate",
            "x-ignore-shared",
            "validate-uuid",
            "background-snapshot",
            "zero-copy-send",
            "postcopy-preempt",
        ];
        using var pair = DaemonPair.Machines("-S");
        _ = pair.Do("query-migrate-capabilities");
        for (var i = 0; i < all.Length; i++)
        {
            for (var j = i; j < all.Length; j++)
            {
                Set($"{On(all[i])},{On(all[j])}");
                Set(string.Join(',', all.Select(static c => $"{{'capability':'{c}','state':false}}")));
            }
        }
        Set(On("no-such"));
        Set("{'capability':'events'}");
        _ = pair.Do("migrate-set-capabilities");
        Set(On("dirty-bitmaps"));
        _ = pair.Do("query-migrate-capabilities");

        void Set(string list) => _ = pair.Do("migrate-set-capabilities", $"{{'capabilities':[{list}]}}");

        static string On(string capability) => $"{{'capability':'{capability}','state':true}}";
    }

    [Fact]
    public void Parameters_are_checked_and_kept_as_there()
    {
        using var pair = DaemonPair.Machines("-S");
        _ = pair.Do("query-migrate-parameters");
        foreach (
            var (name, values) in ((string, string[])[])
                [
                    ("announce-initial", ["-1", "0", "100000", "100001", "'x'"]),
                    ("announce-max", ["0", "100000", "100001"]),
                    ("announce-rounds", ["0", "1000", "1001"]),
                    ("announce-step", ["0", "1", "10000", "10001"]),
                    ("compress-level", ["0", "9", "10", "-1"]),
                    ("compress-threads", ["0", "1", "255", "256"]),
                    ("compress-wait-thread", ["false", "1"]),
                    ("decompress-threads", ["0", "255", "256"]),
                    ("throttle-trigger-threshold", ["0", "1", "100", "101"]),
                    ("cpu-throttle-initial", ["0", "1", "99", "100"]),
                    ("cpu-throttle-increment", ["0", "1", "99", "100"]),
                    ("cpu-throttle-tailslow", ["true"]),
                    ("max-cpu-throttle", ["19", "99", "100"]),
                    ("max-bandwidth", ["0", "1000000", "-1"]),
                    ("downtime-limit", ["-1", "0", "2000000", "2000001"]),
                    ("x-checkpoint-delay", ["0", "-1", "4294967296"]),
                    ("block-incremental", ["true"]),
                    ("multifd-channels", ["0", "1", "255", "256"]),
                    ("multifd-compression", ["'zlib'", "'zstd'", "'lzo'"]),
                    ("multifd-zlib-level", ["0", "9", "10", "256"]),
                    ("multifd-zstd-level", ["0", "20", "21"]),
                    ("xbzrle-cache-size", ["0", "4095", "4096", "5000", "65536"]),
                    ("max-postcopy-bandwidth", ["0", "5"]),
                    ("tls-hostname", ["'y'", "null", "7"]),
                    ("tls-authz", ["'z'", "null"]),
                    ("no-such", ["1"]),
                    (
                        "block-bitmap-mapping",
                        [
                            "[]",
                            "[{'node-name':'n','alias':'1a','bitmaps':[]}]",
                            "[{'node-name':'n','alias':'a b','bitmaps':[]}]",
                            "[{'node-name':'','alias':'a','bitmaps':[]}]",
                            "[{'node-name':'n','alias':'a','bitmaps':[{'name':'','alias':'x','transform':{'persistent':true}}]}]",
                            "[{'node-name':'n','alias':'a','bitmaps':[{'name':'q','alias':'x','transform':{'more':true}}]}]",
                        ]
                    ),
                ]
        )
        {
            foreach (var value in values)
            {
                _ = pair.Do("migrate-set-parameters", $"{{'{name}':{value}}}");
                _ = pair.Do("query-migrate-parameters");
            }
        }
        // All or nothing.
        _ = pair.Do("migrate-set-parameters", "{'downtime-limit':7,'announce-step':0}");
        _ = pair.Do("query-migrate-parameters");
        _ = pair.Do("migrate-set-parameters");
    }

    [Fact]
    public void Lines_that_people_type_are_answered_alike()
    {
        using var pair = DaemonPair.Machines("-S");
        pair.Node("n", "qcow2");
        pair.Image("base.img", "qcow2");
        _ = pair.Do(
            "blockdev-add",
            "{'driver':'raw','node-name':'r','read-only':true,'file':{'driver':'file','filename':'base.img'}}"
        );
        foreach (
            var line in (string[])
                [
                    "",
                    "nosuch",
                    "nosuch at all",
                    "info nosuch",
                    "info block",
                    "info block -n n",
                    "info block nope",
                    "info status",
                    "info name",
                    "qemu-io",
                    "info status x",
                    "info block -n r",
                    "qemu-io n",
                    "qemu-io -d n \\\"read 0 1\\\"",
                    "qemu-io n read 0 512",
                    "qemu-io nope \\\"read 0 1\\\"",
                    "qemu-io n \\\"write -q 0 64k\\\"",
                    "qemu-io n \\\"bogus\\\"",
                    "qemu-io r \\\"write -q 0 64k\\\"",
                ]
        )
        {
            _ = pair.Do("human-monitor-command", $"{{'command-line':\"{line}\"}}");
        }
        _ = pair.Do("cont");
        _ = pair.Do("human-monitor-command", "{'command-line':'info status'}");
        pair.CompareState();
    }
}
