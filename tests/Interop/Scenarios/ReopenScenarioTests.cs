namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>
/// blockdev-reopen beside the reference: what becomes of children that came with the node's own options when they are named, told anew or
/// left out.
/// </summary>
public sealed class ReopenScenarioTests
{
    private const string File = "{'driver':'file','filename':'a.img'}";
    private const string NamedFile = "{'driver':'file','filename':'a.img','node-name':'xf'}";

    [Fact]
    public void A_child_of_the_nodes_own_goes_along_when_it_is_named()
    {
        using var pair = Images();
        _ = pair.Do("blockdev-add", $"{{'driver':'qcow2','node-name':'x','file':{NamedFile}}}");
        foreach (
            var more in (string[])
                [
                    "'file':'xf'",
                    "'file':'xf','read-only':true",
                    "'file':'xf','cache':{'no-flush':true}", // the file stays as it is: what is not told is not passed on
                    "'file':'xf','read-only':false,'cache':{'no-flush':true}",
                    "'file':'xf'",
                    $"'file':{NamedFile}",
                    $"'file':{File}",
                    $"'file':{NamedFile}",
                    "'file':{'driver':'file','filename':'a.img','node-name':'xg'}",
                ]
        )
        {
            Reopen(pair, $"{{'driver':'qcow2','node-name':'x',{more}}}");
        }
        var told = NamedFile.Replace("}", ",'read-only':true}", StringComparison.Ordinal);
        Reopen(pair, $"{NamedFile},{{'driver':'qcow2','node-name':'x','file':'xf'}}");
        Reopen(pair, $"{{'driver':'qcow2','node-name':'x','file':'xf'}},{told}");
    }

    [Fact]
    public void So_do_its_own_children()
    {
        using var pair = Images();
        _ = pair.Do(
            "blockdev-add",
            $"{{'driver':'raw','node-name':'r','file':{{'driver':'qcow2','node-name':'q','file':{NamedFile}}}}}"
        );
        pair.Add("b");
        foreach (
            var more in (string[])
                [
                    "'file':'q'",
                    "'file':'q','read-only':true",
                    "'file':'q'",
                    "'file':'q','read-only':false",
                    "'file':'b'",
                    "'file':'q'",
                ]
        )
        {
            Reopen(pair, $"{{'driver':'raw','node-name':'r',{more}}}");
        }
    }

    [Fact]
    public void So_does_the_node_below_a_filter()
    {
        using var pair = Images();
        _ = pair.Do("object-add", "{'qom-type':'throttle-group','id':'g'}");
        _ = pair.Do(
            "blockdev-add",
            $"{{'driver':'throttle','node-name':'t','throttle-group':'g','file':{{'driver':'qcow2','node-name':'q','file':{NamedFile}}}}}"
        );
        foreach (
            var more in (string[])["", ",'read-only':true", ",'discard':'unmap'", ",'read-only':false,'discard':'unmap'", ""]
        )
        {
            Reopen(pair, $"{{'driver':'throttle','node-name':'t','throttle-group':'g','file':'q'{more}}}");
        }
    }

    [Fact]
    public void A_name_that_nobody_gave_is_no_option()
    {
        using var pair = Images();
        _ = pair.Do("blockdev-add", $"{{'driver':'qcow2','node-name':'x','file':{NamedFile}}}");
        _ = pair.Do("blockdev-add", "{'driver':'raw','node-name':'r','file':{'driver':'null-co','size':1048576}}");
        pair.ReopenGenerated("null-co", "{'driver':'null-co','node-name':'NAME','size':1048576}");
        pair.ReopenGenerated("null-co", "{'driver':'raw','node-name':'r','file':'NAME','read-only':true}");
        pair.ReopenGenerated(
            "null-co",
            "{'driver':'raw','node-name':'r','file':{'driver':'null-co','size':1048576,'node-name':'NAME'}}"
        );
        pair.CompareState();
    }

    [Theory]
    [InlineData("")]
    [InlineData(",'backing':null")]
    [InlineData(",'backing':'b'")]
    [InlineData(",'backing':{'driver':'qcow2','node-name':'bb','file':{'driver':'file','filename':'c.img'}}")]
    public void A_backing_file_must_be_told_of(string backing)
    {
        foreach (var image in (string[])["o", "a"])
        {
            using var pair = Images();
            pair.Add("b", options: ",'read-only':true");
            var node = $"'driver':'qcow2','node-name':'o','file':{{'driver':'file','filename':'{image}.img'}}";
            _ = pair.Do("blockdev-add", $"{{{node}{backing}}}");
            foreach (
                var more in (string[])["", ",'read-only':true", ",'backing':'b'", "", ",'backing':'bb'", ",'backing':null", ""]
            )
            {
                Reopen(pair, $"{{{node}{more}}}");
            }
        }
    }

    [Fact]
    public void Also_when_the_image_is_a_child()
    {
        using var pair = Images();
        const string Child = "{'driver':'qcow2','node-name':'o','file':{'driver':'file','filename':'o.img'}}";
        _ = pair.Do("blockdev-add", $"{{'driver':'raw','node-name':'r','file':{Child}}}");
        Reopen(pair, $"{{'driver':'raw','node-name':'r','file':{Child}}}");
        Reopen(pair, "{'driver':'raw','node-name':'r','file':'o','read-only':true}");
        Reopen(pair, "{'driver':'raw','node-name':'r','file':'o'}");
    }

    private static DaemonPair Images()
    {
        var pair = new DaemonPair();
        foreach (var name in (string[])["a", "b", "c"])
        {
            pair.Image($"{name}.img", size: "8M");
        }
        pair.Image("o.img", "qcow2", "8M", "-u", "-b", "c.img", "-F", "qcow2");
        return pair;
    }

    private static void Reopen(DaemonPair pair, string options)
    {
        _ = pair.Do("blockdev-reopen", $"{{'options':[{options}]}}");
        pair.CompareState();
    }
}
