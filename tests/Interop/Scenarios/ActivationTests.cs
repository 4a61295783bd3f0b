using System.Text.Json;
using Tidemark.Testing;

namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>
/// Images that two of our daemons hand over to each other by blockdev-set-active (newer than the release beside us: ours alone). M1, P4.
/// </summary>
public sealed class ActivationTests
{
    private const string Inactive = ",'active':false";

    [Fact]
    public void An_image_goes_to_and_fro_between_two_daemons_with_its_bitmaps()
    {
        using var first = Ours.StartDaemon();
        using var second = Ours.StartDaemon();
        var image = NewImage(first, "disk");
        Add(first, "n", image);
        _ = first.Execute("block-dirty-bitmap-add", Json("{'node':'n','name':'stored','persistent':true}"));
        _ = first.Execute("block-dirty-bitmap-add", Json("{'node':'n','name':'own'}"));
        Assert.Equal("Failed to get \"write\" lock", Refused(second, "blockdev-add", NodeOf("n", image)));
        Add(second, "n", image, Inactive);
        Export(first, "n");
        Export(second, "n");
        for (var round = 0; round < 3; round++)
        {
            first.QemuIo("n", $"write -P {round + 1} {round}M 64k", $"read -P {round + 1} {round}M 64k");
            Assert.Equal(["own", "stored"], Bitmaps(first));
            Assert.Equal("Failed to get \"write\" lock", SetActive(second, "n", true));
            HandOver(first, second, "n");
            Assert.Equal(["own"], Bitmaps(first));
            Assert.Equal(["stored"], Bitmaps(second));
            second.QemuIo("n", $"read -P {round + 1} {round}M 64k", $"write -P {round + 101} {round + 8}M 64k");
            _ = Assert.Throws<InvalidOperationException>(() => first.QemuIo("n", "write 0 64k"));
            HandOver(second, first, "n");
            first.QemuIo("n", $"read -P {round + 101} {round + 8}M 64k");
            Assert.Equal((2 * round + 2) * 65536L, Count(first, "stored"));
            Assert.Equal((round + 1) * 65536L, Count(first, "own"));
        }
        Assert.Equal(0, first.Quit());
        Assert.Equal(0, second.Quit());
        Assert.Contains("No errors", ProgramRun.Of("qemu-img", ["check", image]).MustSucceed().Output, StringComparison.Ordinal);
        var info = ProgramRun.Of("qemu-img", ["info", image]).MustSucceed().Output;
        Assert.Contains("name: stored", info, StringComparison.Ordinal);
        Assert.DoesNotContain("in-use", info, StringComparison.Ordinal);
    }

    [Fact]
    public void Exports_activate_their_node_unless_they_allow_it_to_be_inactive()
    {
        using var daemon = Ours.StartDaemon();
        Add(daemon, "n", NewImage(daemon, "disk"), Inactive);
        daemon.Export("n");
        Assert.True(IsActive(daemon, "n"));
        Assert.Equal("Failed to inactivate node: Operation not permitted", SetActive(daemon, "n", false));
        Assert.Equal(
            "Failed to inactivate all nodes: Operation not permitted",
            Refused(daemon, "blockdev-set-active", "{'active':false}")
        );
        Assert.True(IsActive(daemon, "n"));
        daemon.Unexport("n");
        _ = daemon.Execute("block-dirty-bitmap-add", Json("{'node':'n','name':'b','persistent':true}"));
        _ = daemon.Execute(
            "block-export-add",
            Json("{'type':'nbd','id':'e','node-name':'n','writable':true,'allow-inactive':true,'bitmaps':['b']}")
        );
        Assert.Equal(
            "Failed to inactivate node: Bitmap 'b' is currently in use by another operation and cannot be used",
            SetActive(daemon, "n", false)
        );
        daemon.Unexport("e");
        Export(daemon, "n");
        Assert.Null(SetActive(daemon, "n", false));
        daemon.QemuIo("n", "read 0 64k");
        foreach (var command in (string[])["write 0 64k", "write -z 0 64k", "discard 0 64k", "map"])
        {
            _ = Assert.Throws<InvalidOperationException>(() => daemon.QemuIo("n", command));
        }
        Assert.Null(SetActive(daemon, "n", true));
        daemon.QemuIo("n", "write -P 5 0 64k", "read -P 5 0 64k");
        Assert.Equal(0, daemon.Quit());
    }

    [Fact]
    public void What_would_change_an_inactive_image_is_refused()
    {
        using var daemon = Ours.StartDaemon();
        Add(daemon, "n", NewImage(daemon, "disk"), Inactive);
        Add(daemon, "over", NewImage(daemon, "over"));
        Add(daemon, "active", NewImage(daemon, "active"));
        Assert.Equal(
            "Inactive 'n' can't be a file child of active 'f'",
            Refused(daemon, "blockdev-add", "{'driver':'raw','node-name':'f','file':'n'}")
        );
        _ = daemon.Execute("blockdev-add", Json("{'driver':'raw','node-name':'f','file':'n','active':false}"));
        _ = daemon.Execute("blockdev-del", Json("{'node-name':'f'}"));
        Assert.Equal(
            "Permission 'resize' unavailable on inactive node",
            Refused(daemon, "block_resize", "{'node-name':'n','size':1048576}")
        );
        Assert.Equal(
            "Can't store persistent bitmaps to n: the node is inactive",
            Refused(daemon, "block-dirty-bitmap-add", "{'node':'n','name':'b','persistent':true}")
        );
        Assert.StartsWith(
            "Could not create node: Inactive 'n' can't be a target child of active '#block",
            Refused(daemon, "blockdev-backup", "{'job-id':'j','device':'active','target':'n','sync':'full'}"),
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "Could not create node: Inactive 'n' can't be a file child of active '#block",
            Refused(daemon, "blockdev-backup", "{'job-id':'j','device':'n','target':'active','sync':'full'}"),
            StringComparison.Ordinal
        );
        Assert.Equal(
            "Permission 'write' unavailable on inactive node",
            Refused(daemon, "blockdev-mirror", "{'job-id':'j','device':'active','target':'n','sync':'full'}")
        );
        Assert.StartsWith(
            "Inactive 'n' can't be a backing child of active '#block",
            Refused(daemon, "blockdev-mirror", "{'job-id':'j','device':'n','target':'active','sync':'full'}"),
            StringComparison.Ordinal
        );
        Assert.Equal("Device 'n' is read only", Refused(daemon, "blockdev-snapshot-internal-sync", "{'device':'n','name':'s'}"));
        // An overlay goes where its disk is.
        _ = daemon.Execute("blockdev-snapshot", Json("{'node':'n','overlay':'over'}"));
        Assert.False(IsActive(daemon, "over"));
        Assert.StartsWith(
            "Could not create node: Inactive 'over' can't be a file child of active '#block",
            Refused(daemon, "block-stream", "{'device':'over','job-id':'j'}"),
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "Inactive 'over' can't be a backing child of active '#block",
            Refused(daemon, "block-commit", "{'device':'over','job-id':'j'}"),
            StringComparison.Ordinal
        );
        Assert.Null(SetActive(daemon, "n", true));
        Assert.False(IsActive(daemon, "over"));
        Assert.Null(SetActive(daemon, "over", true));
        Assert.Equal("Node has active parent node", SetActive(daemon, "n", false));
        Assert.Equal("Failed to find node with node-name='none'", SetActive(daemon, "none", false));
        Assert.Equal(0, daemon.Quit());
    }

    [Fact]
    public void A_snapshot_that_is_rolled_back_leaves_its_overlay_active()
    {
        using var daemon = Ours.StartDaemon();
        Add(daemon, "n", NewImage(daemon, "disk"), Inactive);
        Add(daemon, "over", NewImage(daemon, "over"));
        Assert.StartsWith(
            "Transaction aborted",
            Refused(
                daemon,
                "transaction",
                "{'actions':[{'type':'blockdev-snapshot','data':{'node':'n','overlay':'over'}},{'type':'abort','data':{}}]}"
            ),
            StringComparison.Ordinal
        );
        Assert.True(IsActive(daemon, "over"));
        Assert.False(IsActive(daemon, "n"));
        Export(daemon, "over");
        daemon.QemuIo("over", "write -P 7 0 64k", "read -P 7 0 64k");
        Assert.Equal(0, daemon.Quit());
    }

    [Fact]
    public void Options_of_an_inactive_node_change_and_its_image_does_not()
    {
        using var daemon = Ours.StartDaemon();
        var image = NewImage(daemon, "disk");
        Add(daemon, "n", image, Inactive);
        var before = File.ReadAllBytes(image);
        foreach (var readOnly in (string[])["true", "false"])
        {
            var options = NodeOf("n", image, $",'read-only':{readOnly}");
            _ = daemon.Execute("blockdev-reopen", Json($"{{'options':[{options}]}}"));
        }
        Assert.Equal(before, File.ReadAllBytes(image));
        Assert.Null(SetActive(daemon, "n", true));
        Export(daemon, "n");
        daemon.QemuIo("n", "write -P 5 0 64k", "read -P 5 0 64k");
        Assert.Equal(0, daemon.Quit());
        Assert.Contains("No errors", ProgramRun.Of("qemu-img", ["check", image]).MustSucceed().Output, StringComparison.Ordinal);
    }

    private static string NewImage(RealQemu daemon, string name)
    {
        var path = Path.Combine(daemon.Folder, $"{name}.qcow2");
        _ = ProgramRun.Of("qemu-img", ["create", "-q", "-f", "qcow2", path, "16M"]).MustSucceed();
        return path;
    }

    private static string NodeOf(string name, string image, string options = "") =>
        $"{{'driver':'qcow2','node-name':'{name}','file':{{'driver':'file','filename':'{image}'}}{options}}}";

    private static void Add(RealQemu daemon, string name, string image, string options = "") =>
        _ = daemon.Execute("blockdev-add", Json(NodeOf(name, image, options)));

    private static void Export(RealQemu daemon, string node)
    {
        var start = $"{{'addr':{{'type':'unix','data':{{'path':'{Path.Combine(daemon.Folder, "nbd")}'}}}}}}";
        _ = daemon.AskLine($"{{'execute':'nbd-server-start','arguments':{start}}}");
        var options = $"{{'type':'nbd','id':'{node}','node-name':'{node}','writable':true,'allow-inactive':true}}";
        _ = daemon.Execute("block-export-add", Json(options));
    }

    private static void HandOver(RealQemu from, RealQemu to, string node)
    {
        Assert.Null(SetActive(from, node, false));
        Assert.Null(SetActive(to, node, true));
        Assert.False(IsActive(from, node));
        Assert.True(IsActive(to, node));
    }

    /// <summary>Null, or why not.</summary>
    private static string? SetActive(RealQemu daemon, string node, bool active)
    {
        var arguments = $"{{'node-name':'{node}','active':{(active ? "true" : "false")}}}";
        var reply = daemon.AskLine($"{{'execute':'blockdev-set-active','arguments':{arguments}}}");
        return reply.TryGetProperty("error", out var error) ? error.GetProperty("desc").GetString() : null;
    }

    private static string Refused(RealQemu daemon, string command, string arguments) =>
        daemon.ExecuteRefused(command, Json(arguments));

    private static bool IsActive(RealQemu daemon, string node) => Node(daemon, node).GetProperty("active").GetBoolean();

    private static string[] Bitmaps(RealQemu daemon) =>
        [.. BitmapsOf(daemon).Select(static bitmap => bitmap.GetProperty("name").GetString()!).Order(StringComparer.Ordinal)];

    private static long Count(RealQemu daemon, string bitmap) =>
        BitmapsOf(daemon).Single(found => found.GetProperty("name").GetString() == bitmap).GetProperty("count").GetInt64();

    private static IEnumerable<JsonElement> BitmapsOf(RealQemu daemon) =>
        Node(daemon, "n").TryGetProperty("dirty-bitmaps", out var list) ? [.. list.EnumerateArray()] : [];

    private static JsonElement Node(RealQemu daemon, string name) =>
        daemon
            .Execute("query-named-block-nodes", Json("{'flat':true}"))
            .EnumerateArray()
            .Single(node => node.GetProperty("node-name").GetString() == name);

    private static string Json(string text) => text.Replace('\'', '"');
}
