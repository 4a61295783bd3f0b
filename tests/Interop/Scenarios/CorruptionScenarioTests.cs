using System.Buffers.Binary;
using Tidemark.Testing;

namespace Tidemark.Interop.Tests.Scenarios;

/// <summary>
/// Images whose metadata is wrong, met at work: the event BLOCK_IMAGE_CORRUPTED, what the client gets, and what becomes of the
/// image are the reference's. F1.
/// </summary>
public sealed class CorruptionScenarioTests
{
    private const long RefcountTable = 0x10000;
    private const long RefcountBlock = 0x20000;
    private const long L1Table = 0x30000;
    private const long L2Table = 0x40000;
    private const long Data = 0x50000;
    private const ulong Copied = 1UL << 63;

    /// <summary>Where to write which eight bytes, and the requests that meet them.</summary>
    public static TheoryData<string, long, ulong, string> Damages =>
        new()
        {
            { "unaligned data, read", L2Table, Copied | (Data + 512), "read 0 512" },
            { "unaligned data, written", L2Table, Copied | (Data + 512), "write 0 512" },
            { "unaligned data, written over in whole", L2Table, Copied | (Data + 512), "write 0 64k" },
            { "unaligned L2 table, read", L1Table, Copied | (L2Table + 512), "read 0 512" },
            { "unaligned L2 table, written", L1Table, Copied | (L2Table + 512), "write 0 512" },
            { "data over the header", L2Table, Copied, "write 0 512" },
            { "data over the refcount table", L2Table, Copied | RefcountTable, "write 0 512" },
            { "data over a refcount block", L2Table, Copied | RefcountBlock, "write 0 64k" },
            { "data over the L1 table", L2Table, Copied | L1Table, "write 0 4k" },
            { "data over its own L2 table", L2Table, Copied | L2Table, "write 0 64k" },
            { "a refcount table that leads nowhere", RefcountTable, RefcountBlock + 512, "write 1M 64k" },
            { "refcounts that call the header free", RefcountBlock, 0x0000_0000_0001_0001, "write 1M 64k" },
            { "refcounts that call all free", RefcountBlock, 0, "write 1M 64k" },
            { "an L2 table that is free, written", RefcountBlock + 8, 0x0000_0001_0000_0000, "write 1M 64k" },
            { "data beyond the end, read", L2Table, Copied | 0x40_0000_0000, "read 0 512" },
            { "zeroes at an odd place", L2Table, Copied | (Data + 512) | 1, "read 0 512" },
            { "zeroes at an odd place, written", L2Table, Copied | (Data + 512) | 1, "write 0 512" },
            { "a shared L2 table that is not there", L1Table, L2Table, "write 0 512" },
            { "data discarded at an odd place", L2Table, Copied | (Data + 512), "discard 0 64k" },
            { "data zeroed at an odd place", L2Table, Copied | (Data + 512), "write -z 0 64k" },
        };

    [Theory]
    [MemberData(nameof(Damages))]
    public void Damage_met_at_work_is_told_and_contained_alike(string what, long offset, ulong value, string request)
    {
        Assert.NotEmpty(what);
        using var pair = new DaemonPair();
        pair.Image("d.img");
        pair.ChangeImage("d.img", path => Damage(path, offset, value));
        pair.Add("d", options: ",'discard':'unmap'");
        pair.Export("d");
        Judge(pair, request);
        // Of damage that is not fatal only the first is told; after fatal damage nothing goes.
        Judge(pair, request);
        Judge(pair, "read 2M 512");
        Judge(pair, "write 2M 512");
        // (The reference takes the driver off a node with fatal damage, and answers no query of nodes from then on.)
        pair.Unexport("d");
        pair.CompareEvents();
        pair.Restart();
        pair.Add("d");
        _ = pair.Do("query-named-block-nodes", "{'flat':true}");
        pair.CompareEvents();
    }

    [Fact]
    public void An_image_without_a_name_of_the_users_is_told_of_by_its_own()
    {
        using var pair = new DaemonPair();
        pair.Image("d.img");
        pair.ChangeImage("d.img", static path => Damage(path, L2Table, Copied | (Data + 512)));
        _ = pair.Do(
            "blockdev-add",
            "{'driver':'raw','node-name':'d','file':{'driver':'qcow2','file':{'driver':'file','filename':'d.img'}}}"
        );
        pair.Export("d");
        Judge(pair, "read 0 512");
        Judge(pair, "write 0 512");
        pair.Unexport("d");
        pair.CompareEvents();
    }

    [Fact]
    public void A_read_only_image_is_never_marked()
    {
        using var pair = new DaemonPair();
        pair.Image("d.img");
        pair.ChangeImage("d.img", static path => Damage(path, L1Table, Copied | (L2Table + 512)));
        pair.Add("d", options: ",'read-only':true");
        _ = pair.Do("nbd-server-start", "{'addr':{'type':'unix','data':{'path':'nbd'}}}");
        _ = pair.Do("block-export-add", "{'id':'d','type':'nbd','node-name':'d'}");
        pair.Judge("qemu-io", "-r", "-f", "raw", "-c", "read -q 0 512", "-c", "read -q 0 512", "nbd+unix:///d?socket=DIR/nbd");
        pair.Unexport("d");
        pair.CompareEvents();
        pair.Restart();
        pair.Add("d");
        pair.CompareState();
    }

    private static void Judge(DaemonPair pair, string request)
    {
        var words = request.Split(' ', 2);
        pair.Judge("qemu-io", "-f", "raw", "-c", $"{words[0]} -q {words[1]}", "nbd+unix:///d?socket=DIR/nbd");
    }

    private static void Damage(string path, long offset, ulong value)
    {
        _ = ProgramRun.Of("qemu-io", "-f", "qcow2", "-c", "write -q 0 64k", path).MustSucceed();
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        using var file = File.OpenHandle(path, access: FileAccess.Write);
        RandomAccess.Write(file, bytes, offset);
    }
}
