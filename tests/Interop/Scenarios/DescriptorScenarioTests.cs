using System.Net.Sockets;
using System.Text.Json.Nodes;
using Microsoft.Win32.SafeHandles;
using Tidemark.Testing;

namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>Descriptors that a client passes beside its requests, under names and in sets, beside the reference.</summary>
public sealed class DescriptorScenarioTests
{
    private const string Version = "query-version";

    [Fact]
    public void Names_are_given_replaced_and_closed_alike()
    {
        using var pair = DaemonPair.Machines();
        using var file = Some();
        var fd = Number(file);
        _ = pair.Do("getfd", Named("none"));
        _ = pair.DoWith("getfd", Named("7up"), fd);
        _ = pair.Do("getfd", Named("x"));
        var kept = pair.DescriptorsKept(() =>
        {
            _ = pair.DoWith("getfd", Named("x"), fd);
            _ = pair.DoWith("getfd", Named("x"), fd);
            _ = pair.DoWith("getfd", Named(""), fd);
        });
        Assert.Equal((2, 2), kept);
        _ = pair.Do("closefd", Named("x"));
        _ = pair.Do("closefd", Named("x"));
        _ = pair.Do("closefd", Named(""));
        // The first of a message's is taken, and one that came with a request that did not ask for it.
        _ = pair.DoWith("getfd", Named("two"), fd, fd);
        _ = pair.Do("getfd", Named("second"));
        _ = pair.DoWith(Version, "{}", fd);
        _ = pair.Do("query-name");
        _ = pair.Do("getfd", Named("late"));
        _ = pair.Do("migrate", "{'uri':'fd:none'}");
        _ = pair.Do("blockdev-add", "{'driver':'nbd','node-name':'n','server':{'type':'fd','str':'none'}}");
        pair.CompareEvents();
    }

    [Fact]
    public void A_flood_of_descriptors_that_nobody_asked_for_is_bounded()
    {
        using var pair = DaemonPair.Machines();
        using var file = Some();
        var many = Enumerable.Repeat(Number(file), 40).ToArray();
        var (reference, ours) = pair.DescriptorsKept(() =>
        {
            for (var i = 0; i < 50; i++)
            {
                _ = pair.DoWith(Version, "{}", many);
            }
        });
        Assert.Equal(reference, ours);
        _ = pair.Do("getfd", Named("x"));
        _ = pair.Do("getfd", Named("y"));
    }

    [Fact]
    public void A_daemon_takes_none()
    {
        using var pair = new DaemonPair();
        using var file = Some();
        var (reference, ours) = pair.DescriptorsKept(() =>
        {
            for (var i = 0; i < 20; i++)
            {
                _ = pair.DoWith(Version, "{}", Number(file));
            }
        });
        // The reference keeps those of the last message until the next, though no command takes them.
        Assert.InRange(reference, 0, 1);
        Assert.InRange(ours, 0, 1);
        _ = pair.DoWith("getfd", Named("x"), Number(file));
        _ = pair.Do("nbd-server-start", "{'addr':{'type':'fd','data':{'str':'x'}}}");
        _ = pair.Do("blockdev-add", "{'driver':'nbd','node-name':'n','server':{'type':'fd','str':'9'}}");
        _ = pair.Do("blockdev-add", "{'driver':'file','node-name':'f','filename':'/dev/fdset/0'}");
    }

    [Fact]
    public void Sets_are_paths_of_files_with_the_rights_of_their_descriptors()
    {
        using var pair = DaemonPair.Machines();
        using var folder = TempFolder.InMemory();
        var path = Path.Combine(folder.Path, "disk");
        File.WriteAllBytes(path, new byte[1 << 20]);
        using var writable = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        using var readable = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        _ = pair.Do("add-fd");
        _ = pair.DoWith("add-fd", "{'fdset-id':-1}", Number(writable));
        _ = pair.DoWith("add-fd", "{'opaque':'first'}", Number(writable));
        _ = pair.DoWith("add-fd", "{'fdset-id':5,'opaque':''}", Number(readable));
        _ = pair.DoWith("add-fd", "{}", Number(readable));
        _ = pair.DoWith("add-fd", "{'fdset-id':0}", Number(readable));
        _ = pair.Do("query-fdsets");
        foreach (var set in (string[])["5", "5','read-only':true,'discard':'unmap", "99", "x", "", "-1", "0x1"])
        {
            _ = pair.Do("blockdev-add", $"{{'driver':'file','node-name':'a','filename':'/dev/fdset/{set}'}}");
        }
        _ = pair.Do("blockdev-add", "{'driver':'file','node-name':'b','filename':'/dev/fdset/0'}");
        _ = pair.Do("blockdev-add", "{'driver':'raw','node-name':'c','file':'b'}");
        _ = pair.Do("query-named-block-nodes", "{'flat':true}");
        _ = pair.Do("remove-fd", "{'fdset-id':99}");
        _ = pair.Do("remove-fd", "{'fdset-id':5,'fd':12345}");
        _ = pair.Do("remove-fd", "{'fdset-id':5}");
        _ = pair.Do("query-fdsets");
        _ = pair.Do("blockdev-del", "{'node-name':'a'}");
        _ = pair.Do("query-fdsets");
        _ = pair.Do(
            "blockdev-reopen",
            "{'options':[{'driver':'file','node-name':'b','filename':'/dev/fdset/0','cache':{'no-flush':true}}]}"
        );
        _ = pair.Do("blockdev-del", "{'node-name':'c'}");
        _ = pair.Do("blockdev-del", "{'node-name':'b'}");
        _ = pair.Do("remove-fd", "{'fdset-id':0}");
        _ = pair.Do("remove-fd", "{'fdset-id':1}");
        _ = pair.Do("query-fdsets");
        pair.CompareEvents();
    }

    [Fact]
    public void A_server_listens_at_a_socket_that_it_was_passed()
    {
        using var pair = DaemonPair.Machines();
        using var folder = TempFolder.InMemory();
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(folder.Path, "nbd")));
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var file = Some();
        const string Start = "{'addr':{'type':'fd','data':{'str':'s'}}}";
        _ = pair.Do("nbd-server-start", Start);
        _ = pair.Do("nbd-server-start", "{'addr':{'type':'fd','data':{'str':'77'}}}");
        _ = pair.DoWith("getfd", Named("s"), Number(file));
        _ = pair.Do("nbd-server-start", Start);
        _ = pair.Do("closefd", Named("s"));
        _ = pair.DoWith("getfd", Named("s"), (int)client.Handle);
        _ = pair.Do("nbd-server-start", Start);
        _ = pair.Do("closefd", Named("s"));
        _ = pair.DoWith("getfd", Named("s"), (int)listener.Handle);
        _ = pair.Do("nbd-server-start", Start);
        _ = pair.Do("closefd", Named("s"));
        _ = pair.Do("nbd-server-stop");
    }

    [Fact]
    public void Bitmaps_travel_over_a_pair_of_sockets_that_both_machines_were_passed()
    {
        using var source = Ours.StartMachine();
        using var destination = RealQemu.StartMachine(null, "-incoming", "defer");
        const string Node = "{'driver':'null-co','node-name':'n','size':1048576}";
        _ = source.Execute("blockdev-add", Json(Node));
        _ = destination.Execute("blockdev-add", Json(Node));
        _ = source.Execute("block-dirty-bitmap-add", Json("{'node':'n','name':'b'}"));
        _ = source.Execute(
            "migrate-set-capabilities",
            Json("{'capabilities':[{'capability':'dirty-bitmaps','state':true},{'capability':'events','state':true}]}")
        );
        using (var folder = TempFolder.InMemory())
        using (var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        using (var near = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            var place = new UnixDomainSocketEndPoint(Path.Combine(folder.Path, "link"));
            listener.Bind(place);
            listener.Listen();
            near.Connect(place);
            using var far = listener.Accept();
            _ = source.AskLine($"{{'execute':'getfd','arguments':{Named("link")}}}", (int)near.Handle);
            _ = destination.AskLine($"{{'execute':'getfd','arguments':{Named("link")}}}", (int)far.Handle);
        }
        _ = destination.Execute("migrate-incoming", Json("{'uri':'fd:link'}"));
        _ = source.Execute("migrate", Json("{'uri':'fd:link'}"));
        while (source.Execute("query-migrate").GetProperty("status").GetString() is not "completed" and var status)
        {
            Assert.NotEqual("failed", status);
            Thread.Sleep(10);
        }
        var nodes = JsonNode.Parse(destination.Execute("query-named-block-nodes").GetRawText());
        Assert.Equal("b", (string?)nodes?[0]?["dirty-bitmaps"]?[0]?["name"]);
    }

    private static string Named(string name) => $"{{'fdname':'{name}'}}";

    private static string Json(string text) => text.Replace('\'', '"');

    private static SafeFileHandle Some() => File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);

    private static int Number(SafeFileHandle handle) => (int)handle.DangerousGetHandle();
}
