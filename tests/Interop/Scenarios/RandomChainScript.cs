using System.Text.Json.Nodes;

namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>
/// A seeded random session over a chain of images that grows by snapshots and shrinks by streams and commits, while a guest writes,
/// bitmaps come and go, and mirrors and backups copy it away; some onto a target that fails. Node names come from small pools, so
/// that wrong requests are among the right ones.
/// </summary>
internal sealed class RandomChainScript(DaemonPair pair, int seed)
{
    private const int SizeBytes = 4 << 20;
    private const string Guest = "c0";
    private readonly Random random = new(seed);
    private string top = "c0";
    private int made;
    private int jobs;

    private string Job => $"j{jobs}";

    /// <summary>Makes the disk with its guest, and the targets.</summary>
    public void Begin()
    {
        pair.Node("c0", size: "4M");
        pair.Node("t0", size: "4M");
        pair.Node("t1", "raw", "4M");
        pair.Image("bad.img", size: "4M");
        _ = pair.Do(
            "blockdev-add",
            "{'driver':'qcow2','node-name':'bad','file':{'driver':'blkdebug','image':{'driver':'file','filename':'bad.img'},"
                + "'inject-error':[{'event':'write_aio','errno':28}]}}"
        );
        pair.Export("c0");
        _ = pair.Do("block-dirty-bitmap-add", "{'node':'c0','name':'b'}");
        Write();
    }

    /// <summary>Runs that many random requests, and compares all there is to see after each few.</summary>
    public void Run(int steps)
    {
        for (var step = 1; step <= steps; step++)
        {
            Step();
            top = pair.ExportedNode(Guest);
            if (step % 4 == 0)
            {
                pair.CompareState();
            }
        }
        pair.CompareState();
        pair.CompareEvents();
        pair.Judge(
            "sh",
            "-c",
            $"qemu-img convert -O raw 'nbd+unix:///{Guest}?socket=DIR/nbd' DIR/content && sha256sum < DIR/content"
        );
    }

    private void Step()
    {
        switch (random.Next(16))
        {
            case < 4:
                Write();
                break;
            case < 7:
                Snapshot();
                break;
            case < 9:
                Stream();
                break;
            case < 11:
                Commit();
                break;
            case 11 or 12:
                Copy();
                break;
            case 13:
                // How much was tried on a disk that fails depends on how many requests are under way together.
                var node = Node();
                _ = pair.Do(
                    One("block-dirty-bitmap-add", "block-dirty-bitmap-clear", "block-dirty-bitmap-remove"),
                    $"{{'node':'{(node == "bad" ? "t1" : node)}','name':'{One("b", "p")}'}}"
                );
                break;
            case 14:
                _ = pair.Do("blockdev-del", $"{{'node-name':'{Node()}'}}");
                break;
            default:
                _ = pair.Do("block_resize", $"{{'node-name':'{One(top, "none")}','size':{One("4194304", "8388608")}}}");
                break;
        }
    }

    private void Write()
    {
        var commands = new string[random.Next(1, 4)];
        for (var i = 0; i < commands.Length; i++)
        {
            var (offset, length) = (random.Next(SizeBytes), random.Next(1, 300_000));
            length = Math.Min(length, SizeBytes - offset);
            commands[i] = One($"write -P {random.Next(1, 255)} {offset} {length}", $"write -z {offset} {length}");
        }
        pair.Io(Guest, commands);
    }

    private void Snapshot()
    {
        var (node, overlay) = (random.Next(4) == 0 ? Node() : top, $"c{++made}");
        if (random.Next(2) == 0)
        {
            pair.Image($"{overlay}.img", size: "4M");
            pair.Add(overlay);
            Together($"{{'type':'blockdev-snapshot','data':{{'node':'{node}','overlay':'{overlay}'}}}}", overlay);
        }
        else
        {
            Together(
                $"{{'type':'blockdev-snapshot-sync','data':{{'node-name':'{node}','snapshot-file':'{overlay}.img','snapshot-node-name':'{overlay}'}}}}",
                overlay
            );
        }
    }

    /// <summary>The snapshot with a bitmap for the overlay, or with something that undoes it.</summary>
    private void Together(string snapshot, string overlay)
    {
        string[] actions = random.Next(4) switch
        {
            0 => [snapshot, "{'type':'abort','data':{}}"],
            1 => [snapshot, $"{{'type':'block-dirty-bitmap-add','data':{{'node':'{overlay}','name':'b'}}}}"],
            2 => [$"{{'type':'block-dirty-bitmap-clear','data':{{'node':'{top}','name':'b'}}}}", snapshot],
            _ => [snapshot],
        };
        _ = pair.Transaction(actions);
    }

    private void Stream()
    {
        var (device, below) = (random.Next(3) == 0 ? Node() : top, random.Next(2) == 0 ? $",'base-node':'{Node()}'" : "");
        Await(pair.Do("block-stream", $"{{'job-id':'{NextJob()}','device':'{device}'{below}}}"));
    }

    private void Commit()
    {
        var (upper, lower) = (random.Next(3) == 0 ? top : Node(), random.Next(2) == 0 ? $",'base-node':'{Node()}'" : "");
        Await(pair.Do("block-commit", $"{{'job-id':'{NextJob()}','device':'{top}','top-node':'{upper}'{lower}}}"));
    }

    private void Copy()
    {
        var (target, sync) = (One("t0", "t1", "bad", Node()), One("full", "top"));
        var command = One("blockdev-mirror", "blockdev-backup");
        var reply = pair.Do(command, $"{{'job-id':'{NextJob()}','device':'{top}','target':'{target}','sync':'{sync}'}}");
        // A guest can't live on a disk that fails.
        Await(reply, mayComplete: target != "bad");
    }

    private void Await(JsonObject reply, bool mayComplete = true)
    {
        if (reply.ContainsKey("return") && pair.WaitReadyOrEnd(Job) == "ready")
        {
            if (random.Next(2) == 0)
            {
                Write();
            }
            var verb = mayComplete && random.Next(3) > 0 ? "complete" : "cancel";
            _ = pair.Do($"block-job-{verb}", $"{{'device':'{Job}'}}");
            pair.WaitJob(Job);
        }
    }

    // Each its own name: one that is refused may have told of its beginning and its end.
    private string NextJob() => $"j{++jobs}";

    private string Node() => One($"c{random.Next(made + 1)}", $"c{random.Next(made + 1)}", top, "t0", "bad", "none");

    private string One(params string[] choices) => choices[random.Next(choices.Length)];
}
