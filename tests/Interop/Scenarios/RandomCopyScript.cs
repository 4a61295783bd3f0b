namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>
/// A seeded random session around one disk with a guest: filters come above it and go again by blockdev-reopen, internal snapshots
/// are taken and let go, backups go to files, packed clusters and targets that fail once, mirrors copy it in both modes and the guest
/// moves to some of them, and every policy for errors of source and target has its turn. A second guest's chain grows by snapshots and
/// shrinks by active commits. Wrong requests are among the right ones.
/// </summary>
internal sealed class RandomCopyScript(DaemonPair pair, int seed)
{
    private const int SizeBytes = 8 << 20;

    // One sector of the middle: it fails once, whichever request comes there.
    private const int BadSector = 8192;

    // What fails again whenever it is tried again stops its job for ever.
    private const int StopsAtMost = 4;

    private static readonly string[] Policies = ["report", "ignore", "stop", "enospc"];

    private readonly Random random = new(seed);
    private readonly List<string> paths = [];
    private string? filter;
    private string disk = "d";
    private string plain = "raw";
    private string chain = "q0";
    private int made;
    private int jobs;

    private string Job => $"j{jobs}";

    /// <summary>Makes the disk, below a node whose child can be changed, and its guest.</summary>
    public void Begin()
    {
        pair.Image("d.img", size: "8M");
        pair.Add("d", options: ",'discard':'unmap'");
        _ = pair.Do("blockdev-add", "{'driver':'raw','node-name':'top','file':'d'}");
        _ = pair.Do("object-add", "{'qom-type':'throttle-group','id':'g','limits':{'bps-total':1073741824}}");
        pair.Export("top");
        pair.Node("raw", "raw", "8M");
        pair.Export("raw");
        pair.Node("q0", size: "8M");
        pair.Export("q0");
        Write();
    }

    /// <summary>Runs that many random requests, and compares all there is to see after each few.</summary>
    public void Run(int steps)
    {
        for (var step = 1; step <= steps; step++)
        {
            Step();
            if (step % 4 == 0)
            {
                pair.CompareState();
            }
        }
        pair.CompareState();
        pair.CompareEvents();
        pair.Quit();
        foreach (var image in (string[])[plain, disk, chain])
        {
            pair.CompareContent($"{image}.img");
        }
        foreach (var path in paths)
        {
            pair.Judge("sh", "-c", $"qemu-img convert -O raw DIR/{path} DIR/copy && sha256sum < DIR/copy");
        }
        pair.Judge("sh", "-c", $"qemu-img check DIR/{disk}.img | grep -v -e fragmented -e 'end offset'");
        // What each snapshot shows.
        pair.Judge(
            "sh",
            "-c",
            $"for s in k0 k1 k2; do qemu-img convert -l $s -O raw DIR/{disk}.img DIR/past && sha256sum < DIR/past || echo no $s; done"
        );
    }

    private void Step()
    {
        switch (random.Next(18))
        {
            case < 4:
                Write();
                break;
            case < 7:
                Filter();
                break;
            case < 9:
                Snapshot();
                break;
            case 9 or 10:
                BackUp();
                break;
            case 11:
                BackUpByPath();
                break;
            case 12 or 13:
                Mirror();
                break;
            case 14 or 15:
                Commit();
                break;
            case 16:
                _ = pair.Do(
                    One("block-dirty-bitmap-add", "block-dirty-bitmap-clear", "block-dirty-bitmap-remove"),
                    $"{{'node':'{One(disk, "top", "raw", "none")}','name':'{One("b", "p")}'}}"
                );
                break;
            default:
                _ = pair.Do(
                    "blockdev-reopen",
                    $"{{'options':[{{'driver':'raw','node-name':'{One("top", "none")}','file':'{One(disk, "none", "top")}'}}]}}"
                );
                break;
        }
    }

    private void Write()
    {
        var commands = new string[random.Next(1, 4)];
        for (var i = 0; i < commands.Length; i++)
        {
            var (offset, length) = (random.Next(SizeBytes), random.Next(1, 400_000));
            length = Math.Min(length, SizeBytes - offset);
            commands[i] = One(
                $"write -P {random.Next(1, 255)} {offset} {length}",
                $"write -z {offset} {length}",
                $"discard {offset} {length}"
            );
        }
        pair.TryIo(One("top", "top", "raw", "q0"), commands);
    }

    /// <summary>Puts a filter between the guest and its disk, or takes it out.</summary>
    private void Filter()
    {
        if (filter is null)
        {
            var name = $"f{made++}";
            var scratch = $"{name}-scratch";
            // Not compress: a guest's second write of a cluster fails there, and what one that fails leaves is for chance to say.
            var kind = One("throttle", "copy-on-read", "copy-before-write");
            var more = kind switch
            {
                "throttle" => ",'throttle-group':'g'",
                "copy-before-write" => $",'target':'{scratch}'",
                _ => "",
            };
            if (kind == "copy-before-write")
            {
                pair.Node(scratch, size: "8M");
            }
            if (
                pair.Do("blockdev-add", $"{{'driver':'{kind}','node-name':'{name}','file':'{disk}'{more}}}").ContainsKey("return")
            )
            {
                filter = name;
            }
        }
        var wanted = random.Next(3) > 0 ? filter ?? disk : disk;
        _ = pair.Do("blockdev-reopen", $"{{'options':[{{'driver':'raw','node-name':'top','file':'{wanted}'}}]}}");
        if (random.Next(2) == 0 && filter is not null)
        {
            var deleted = pair.Do("blockdev-del", $"{{'node-name':'{filter}'}}");
            filter = deleted.ContainsKey("return") ? null : filter;
        }
    }

    private void Snapshot()
    {
        var device = One(disk, disk, disk, "top", plain, "none");
        var name = One("k0", "k1", "k2");
        switch (random.Next(4))
        {
            case 0:
                _ = pair.Transaction(
                    $"{{'type':'blockdev-snapshot-internal-sync','data':{{'device':'{device}','name':'{name}'}}}}",
                    $"{{'type':'block-dirty-bitmap-clear','data':{{'node':'{disk}','name':'{One("b", "none")}'}}}}",
                    One(
                        "{'type':'abort','data':{}}",
                        $"{{'type':'block-dirty-bitmap-add','data':{{'node':'{disk}','name':'x'}}}}"
                    )
                );
                _ = pair.Do("block-dirty-bitmap-remove", $"{{'node':'{disk}','name':'x'}}");
                break;
            case 1:
                _ = pair.Do("blockdev-snapshot-delete-internal-sync", $"{{'device':'{device}','name':'{name}'}}");
                break;
            default:
                _ = pair.Do("blockdev-snapshot-internal-sync", $"{{'device':'{device}','name':'{name}'}}");
                break;
        }
    }

    private void BackUp()
    {
        var (source, isFull) = Source();
        var target = Target(mayFail: isFull, mayPack: true);
        var compress = random.Next(3) == 0 ? ",'compress':true" : "";
        Start(
            "blockdev-backup",
            $"'device':'{source}','target':'{target}','sync':'{One("full", "full", "top")}'{compress}{Policy()}"
        );
        Drop(source, target);
    }

    private void BackUpByPath()
    {
        var name = $"p{made++}";
        var format = One("qcow2", "qcow2", "raw");
        var compress = format == "qcow2" && random.Next(2) == 0 ? ",'compress':true" : "";
        Start(
            "drive-backup",
            $"'device':'{One(disk, "top", plain)}','target':'{name}.img','format':'{format}','sync':'{One("full", "top")}'{compress}{Policy()}"
        );
        paths.Add($"{name}.img");
    }

    private void Mirror()
    {
        var (source, isFull) = Source();
        var isOwn = source == disk || source == plain;
        // Only those whose disk it is move. No target that takes nothing twice: it fails by the discards, too, that are passed on here.
        var mayComplete = isOwn && random.Next(2) == 0;
        var target = Target(mayFail: isFull, mayPack: false);
        var mode = One("background", "write-blocking");
        Start(
            "blockdev-mirror",
            $"'device':'{source}','target':'{target}','sync':'{One("full", "top")}','copy-mode':'{mode}','buf-size':1048576{Policy()}",
            mayComplete
        );
        var hasMoved = mayComplete && (source == disk ? pair.ChildOf("top", filter) : pair.ExportedNode("raw")) == target;
        if (!hasMoved)
        {
            Drop(source, target);
            return;
        }
        (disk, plain) = source == disk ? (target, plain) : (disk, target);
        Write();
        _ = pair.Do("blockdev-del", $"{{'node-name':'{source}'}}");
    }

    /// <summary>An overlay that the second guest writes to, and most often its way back.</summary>
    private void Commit()
    {
        var overlay = $"q{++made}";
        _ = pair.Do(
            "blockdev-snapshot-sync",
            $"{{'node-name':'{One(chain, chain, chain, "none")}','snapshot-file':'{overlay}.img','snapshot-node-name':'{overlay}'}}"
        );
        chain = pair.ExportedNode("q0");
        Write();
        if (random.Next(4) == 0)
        {
            return;
        }
        var below = random.Next(3) == 0 ? ",'base-node':'q0'" : "";
        var policy = $",'on-error':'{One(Policies)}','auto-finalize':{One("true", "true", "false")}";
        Start("block-commit", $"'device':'{chain}'{below}{policy}", mayComplete: true);
        chain = pair.ExportedNode("q0");
        Write();
    }

    // Small pieces: which requests meet the fault does not depend on how many are under way.
    private string Policy() =>
        $",'on-source-error':'{One(Policies)}','on-target-error':'{One(Policies)}','auto-finalize':{One("true", "true", "false")}";

    /// <summary>A disk, or an image of data alone: there the middle is copied as data however it is cut into pieces, so it may fail.</summary>
    private (string Name, bool IsFull) Source()
    {
        if (random.Next(5) > 1)
        {
            return (One(disk, disk, "top", plain), false);
        }
        var name = $"s{made++}";
        pair.Image($"{name}.img", "raw", "8M");
        var pattern = (byte)random.Next(1, 255);
        pair.ChangeImage($"{name}.img", path => File.WriteAllBytes(path, [.. Enumerable.Repeat(pattern, SizeBytes)]));
        var isFaulty = random.Next(2) == 0;
        if (isFaulty)
        {
            Faulty(name, "read");
        }
        else
        {
            pair.Add(name, "raw");
        }
        return (name, !isFaulty);
    }

    private string Target(bool mayFail, bool mayPack)
    {
        var name = $"t{made++}";
        switch (random.Next(5))
        {
            case 0 when mayPack:
                pair.Image($"{name}.img", size: "8M");
                _ = pair.Do(
                    "blockdev-add",
                    $"{{'driver':'compress','node-name':'{name}','file':{{'driver':'qcow2','file':{{'driver':'file','filename':'{name}.img'}}}}}}"
                );
                break;
            case 1 or 2 when mayFail:
                pair.Image($"{name}.img", "raw", "8M");
                Faulty(name, "write");
                break;
            default:
                pair.Node(name, size: "8M");
                break;
        }
        return name;
    }

    private void Faulty(string name, string kind) =>
        _ = pair.Do(
            "blockdev-add",
            $"{{'driver':'raw','node-name':'{name}','file':{{'driver':'blkdebug','image':{{'driver':'file','filename':'{name}.img'}},"
                + $"'inject-error':[{{'event':'none','iotype':'{kind}','errno':{One("5", "28")},'once':true,'sector':{BadSector}}}]}}}}"
        );

    /// <summary>Starts a job and leads it to its end, through errors that stop it.</summary>
    private void Start(string command, string members, bool mayComplete = false)
    {
        jobs++;
        if (!pair.Do(command, $"{{'job-id':'{Job}',{members}}}").ContainsKey("return"))
        {
            return;
        }
        var stops = 0;
        for (var isEnding = false; ; )
        {
            switch (pair.WaitStoppedOrEnd(Job))
            {
                case "null":
                    return;
                case "stopped" when ++stops > StopsAtMost:
                    _ = pair.Do("block-job-cancel", $"{{'device':'{Job}','force':true}}");
                    break;
                case "stopped":
                    // One that is paused can't be cancelled without force; with it, how far it came is for chance to say.
                    if (!pair.Do(One("block-job-resume", "block-job-cancel"), $"{{'device':'{Job}'}}").ContainsKey("return"))
                    {
                        _ = pair.Do("block-job-resume", $"{{'device':'{Job}'}}");
                    }
                    break;
                case "pending":
                    _ = pair.Do(One("job-finalize", "job-finalize", "job-cancel"), $"{{'id':'{Job}'}}");
                    break;
                case "ready" when !isEnding:
                    isEnding = true;
                    Write();
                    _ =
                        mayComplete && random.Next(4) > 0
                            ? pair.Do("job-complete", $"{{'id':'{Job}'}}")
                            : pair.Do("block-job-cancel", $"{{'device':'{Job}'}}");
                    break;
            }
        }
    }

    private void Drop(string source, string target)
    {
        _ = pair.Do("blockdev-del", $"{{'node-name':'{target}'}}");
        if (source[0] == 's')
        {
            _ = pair.Do("blockdev-del", $"{{'node-name':'{source}'}}");
        }
    }

    private string One(params string[] choices) => choices[random.Next(choices.Length)];
}
