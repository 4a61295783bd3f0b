namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>Files that grow ahead of their data, beside the reference.</summary>
public sealed class PreallocateScenarioTests
{
    [Fact]
    public void Options_are_taken_and_refused_alike()
    {
        using var pair = new DaemonPair();
        pair.Image("f.img", "raw", "1M");
        const string File = "'file':{'driver':'file','filename':'f.img'}";
        string[] options =
        [
            "",
            $"{File},'prealloc-align':1000",
            $"{File},'prealloc-size':-1",
            $"{File},'none':1",
            $"{File}",
            $"{File},'prealloc-align':1536,'prealloc-size':0",
        ];
        foreach (var option in options)
        {
            var more = option.Length > 0 ? "," + option : "";
            _ = pair.Do("blockdev-add", $"{{'driver':'preallocate','node-name':'p'{more}}}");
            pair.CompareState();
            _ = pair.Do("blockdev-del", "{'node-name':'p'}");
        }
    }

    [Fact]
    public void An_image_over_it_works_alike()
    {
        using var pair = new DaemonPair();
        pair.Image("d.img");
        _ = pair.Do(
            "blockdev-add",
            """
            {'driver':'qcow2','node-name':'d','file':{'driver':'preallocate','node-name':'p','prealloc-size':1048576,
            'file':{'driver':'file','filename':'d.img','node-name':'f'}}}
            """
        );
        pair.Export("d");
        pair.Io("d", "write -P 1 0 3M", "write -P 2 10M 64k", "write -z 20M 1M", "read -P 1 0 3M");
        pair.Unexport("d");
        _ = pair.Do("blockdev-del", "{'node-name':'d'}");
        pair.Quit();
        pair.Judge("qemu-img", "check", "DIR/d.img");
        pair.Judge("qemu-io", "-c", "read -q -P 1 0 3M", "-c", "read -q -P 2 10M 64k", "DIR/d.img");
    }
}
