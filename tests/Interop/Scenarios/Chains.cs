using System.Globalization;

namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>Backing chains for both daemons: images "0.img" (the last) to "N.img" (the top), each node named "n0", "n1", … over its own.</summary>
internal static class Chains
{
    private const string Reading = ",'read-only':true";

    /// <summary>Makes images that each have something of their own and something over the one below, and adds their nodes.</summary>
    public static DaemonPair Chain(this DaemonPair pair, int length, string size = "4M", string topOptions = "")
    {
        for (var i = 0; i < length; i++)
        {
            pair.Link(i, size);
        }
        pair.AddChain(length, topOptions);
        return pair;
    }

    /// <summary>Adds the nodes of a chain whose images there are.</summary>
    public static void AddChain(this DaemonPair pair, int length, string topOptions = "")
    {
        for (var i = 0; i < length; i++)
        {
            var backing = i == 0 ? "null" : $"'n{i - 1}'";
            var options = i == length - 1 ? topOptions : Reading;
            _ = pair.Do(
                "blockdev-add",
                $"{{'driver':'qcow2','node-name':'n{i}','file':{{'driver':'file','filename':'{i}.img'}},'backing':{backing}{options}}}"
            );
        }
    }

    /// <summary>
    /// A chain of three whose image <paramref name="bad"/> fails <paramref name="kind"/> requests for a place in its file that a job moves,
    /// with <paramref name="errno"/>.
    /// </summary>
    public static DaemonPair FaultyChain(this DaemonPair pair, int bad, string kind, int errno, bool once)
    {
        const int FirstData = 0x50000; // after header, refcounts and mapping of a new image, in the order in which it is written
        var sector = (FirstData + (bad > 0 ? 1 << 17 : 1 << 19)) / 512;
        for (var i = 0; i < 3; i++)
        {
            string[] options = i == 0 ? [] : ["-u", "-b", $"{i - 1}.img", "-F", "qcow2"];
            pair.Image($"{i}.img", size: "4M", options: options);
            pair.WriteImage($"{i}.img", $"write -P {i + 1} {i * 256}k 1M", $"write -P {i + 101} {2048 + (i * 128)}k 64k");
            var file = $"{{'driver':'file','filename':'{i}.img'}}";
            if (i == bad)
            {
                file =
                    $"{{'driver':'blkdebug','image':{file},'inject-error':[{{'event':'none','iotype':'{kind}','errno':{errno},"
                    + $"'sector':{sector},'once':{(once ? "true" : "false")}}}]}}";
            }
            var backing = i == 0 ? "null" : $"'n{i - 1}'";
            _ = pair.Do(
                "blockdev-add",
                $"{{'driver':'qcow2','node-name':'n{i}','file':{file},'backing':{backing}{(i < 2 ? Reading : "")}}}"
            );
        }
        return pair;
    }

    /// <summary>Lets a job that an error may stop go on, and gives it up when it stops again.</summary>
    public static void EndFaultyJob(this DaemonPair pair, string policy, bool stops, bool once)
    {
        if (policy is "stop" or "enospc" or "auto" && stops)
        {
            pair.WaitJob("j", "paused");
            _ = pair.Do("query-block-jobs");
            _ = pair.Do("query-jobs");
            _ = pair.Do("block-job-resume", "{'device':'j'}");
            if (!once)
            {
                pair.WaitJob("j", "paused");
                _ = pair.Do("query-block-jobs");
                _ = pair.Do("block-job-cancel", "{'device':'j'}");
                _ = pair.Do("block-job-cancel", "{'device':'j','force':true}");
            }
        }
        pair.EndChain(3);
    }

    /// <summary>Lets a job that met an error once end by its policy: at once, or completed when it is ready, after a stop or without.</summary>
    public static void EndReadyJob(this DaemonPair pair, string policy, bool stops)
    {
        if (stops)
        {
            pair.WaitJob("j", "paused");
            _ = pair.Do("query-block-jobs");
            _ = pair.Do("block-job-resume", "{'device':'j'}");
        }
        if (policy != "report")
        {
            pair.WaitJob("j", "ready");
            _ = pair.Do("block-job-complete", "{'device':'j'}");
        }
        pair.WaitJob("j");
    }

    /// <summary>Pauses a slow job and speeds it up while a guest writes to the node, with verbs among them that are refused.</summary>
    public static void HinderAndHurry(this DaemonPair pair, string node)
    {
        pair.Io(node, "write -P 77 700k 200k", "write -z 2M 1M", "discard 3M 64k");
        _ = pair.Do("block-job-pause", "{'device':'j'}");
        _ = pair.Do("block-job-pause", "{'device':'j'}");
        _ = pair.Do("block-job-complete", "{'device':'j'}");
        pair.Io(node, "write -P 78 1M 1k", "write -P 79 3500k 64k");
        _ = pair.Do("job-resume", "{'id':'j'}");
        _ = pair.Do("job-resume", "{'id':'j'}");
        _ = pair.Do("block-job-set-speed", "{'device':'j','speed':-1}");
        _ = pair.Do("block-job-set-speed", "{'device':'j','speed':0}");
    }

    /// <summary>Waits for the end of job "j" and of the daemons; the graph, what was told and the images must agree.</summary>
    public static void EndChain(this DaemonPair pair, int length)
    {
        pair.WaitJob("j");
        pair.CompareState();
        pair.CompareEvents();
        pair.Quit();
        pair.JudgeChain(length);
    }

    /// <summary>Asks for other options of one image of the chain.</summary>
    public static void ReopenLink(this DaemonPair pair, string node, string options) =>
        _ = pair.Do(
            "blockdev-reopen",
            $"{{'options':[{{'driver':'qcow2','node-name':'{node}','file':{{'driver':'file','filename':'{node[1..]}.img'}},{options}}}]}}"
        );

    /// <summary>Makes the image of that number, over the one below it.</summary>
    public static void Link(this DaemonPair pair, int number, string size)
    {
        string[] options = number == 0 ? [] : ["-u", "-b", $"{number - 1}.img", "-F", "qcow2"];
        pair.Image($"{number}.img", size: size, options: options);
        var (from, other) = (number * 256, 2048 + (number * 128));
        pair.WriteImage(
            $"{number}.img",
            string.Create(CultureInfo.InvariantCulture, $"write -P {number + 1} {from}k 512k"),
            string.Create(CultureInfo.InvariantCulture, $"write -P {number + 101} {other}k 64k")
        );
    }

    /// <summary>Writes to the same image of both, while nothing has it open.</summary>
    public static void WriteImage(this DaemonPair pair, string name, params string[] commands) =>
        pair.ChangeImage(
            name,
            path =>
                Testing
                    .ProgramRun.Of(
                        "qemu-io",
                        [
                            .. commands.SelectMany(static command => (string[])["-c", command]),
                            $"json:{{\"driver\":\"qcow2\",\"backing\":null,\"file\":{{\"driver\":\"file\",\"filename\":\"{path}\"}}}}",
                        ]
                    )
                    .MustSucceed()
        );

    /// <summary>What the images say of themselves, whether they are sound, and what they hold must agree; nothing has them open.</summary>
    public static void JudgeChain(this DaemonPair pair, int length)
    {
        pair.JudgeHeaders(length);
        for (var i = 0; i < length; i++)
        {
            pair.Judge("qemu-img", "check", "-q", $"DIR/{i}.img");
        }
        pair.CompareContent($"{length - 1}.img");
    }

    /// <summary>What the images say of themselves must agree, byte for byte.</summary>
    public static void JudgeHeaders(this DaemonPair pair, int length)
    {
        for (var i = 0; i < length; i++)
        {
            pair.Judge("qemu-img", "info", "--output=json", $"DIR/{i}.img");
            pair.CompareHead($"{i}.img", 4096);
        }
    }
}
