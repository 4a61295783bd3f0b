using Tidemark.Block.Contract;
using Tidemark.Testing;

namespace Tidemark.Drivers.Tests.Qcow2.Check;

/// <summary>
/// Damages images that the real qemu-img made, and lets both programs check and repair copies of them: findings line by line,
/// counts, and what is left afterwards must be the same. Contract F1.
/// </summary>
public sealed class CheckAgainstRealTests
{
    private const ulong Copied = 1ul << 63;

    private static readonly string[] Writes =
    [
        "write -P 17 0 64k",
        "write -P 34 1M 200k",
        "write -P 51 3000000 5000",
        "write -z 2M 64k",
    ];

    private static readonly Dictionary<string, Action<PatchedImage>> Damages = new()
    {
        ["nothing"] = static _ => { },
        ["a data cluster's refcount is zero"] = static i => i.Put(i.RefcountBlock + 10, (ushort)0),
        ["a data cluster's refcount is too high"] = static i => i.Put(i.RefcountBlock + 10, (ushort)5),
        ["two clusters have leaked"] = static i =>
        {
            i.Put(i.L2 + (8 * 16), 0ul);
            i.Put(i.L2 + (8 * 17), 0ul);
        },
        ["all clusters have leaked"] = static i => i.Put(i.L1, 0ul),
        ["two guest clusters share a host cluster"] = static i => i.Put(i.L2 + (8 * 17), i.U64(i.L2)),
        ["a guest cluster lies on the header"] = static i => i.Put(i.L2 + (8 * 17), Copied),
        ["a guest cluster lies on the L1 table"] = static i => i.Put(i.L2, (ulong)i.L1 | Copied),
        ["a flag for refcount 1 is missing"] = static i => i.Put(i.L2, i.U64(i.L2) & ~Copied),
        ["an L2 entry points behind the end"] = static i => i.Put(i.L2, Copied | (1ul << 40)),
        ["an L2 entry is unaligned"] = static i => i.Or(i.L2, 0x200),
        ["a preallocated zero cluster is unaligned"] = static i => i.Or(i.L2, 0x201),
        ["an L2 entry has reserved bits"] = static i => i.Or(i.L2, 8),
        ["an L2 entry says compressed"] = static i => i.Put(i.L2, (i.U64(i.L2) & ~Copied) | (1ul << 62)),
        ["an L1 entry points behind the end"] = static i => i.Put(i.L1, Copied | (1ul << 40)),
        ["an L1 entry has reserved bits"] = static i => i.Or(i.L1, 1 | (1ul << 56)),
        ["a refcount block is named twice"] = static i => i.Put(i.RefcountTable + 8, i.U64(i.RefcountTable)),
        ["the refcount table names itself"] = static i => i.Put(i.RefcountTable, (ulong)i.RefcountTable),
        ["the file is cut"] = static i => i.CutTo(i.Bytes.Length - (3 * i.ClusterSize)),
        ["the file is cut within a cluster"] = static i => i.CutTo(i.Bytes.Length - 1000),
    };

    public static TheoryData<string> Names => new(Damages.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Findings_and_repairs_are_those_of_the_real_program(string damage)
    {
        Assert.SkipUnless(PatchedImage.CanRun, "qemu-img is not installed");
        using var image = new PatchedImage("4M", "", Writes);
        Damages[damage](image);
        image.Save();
        await CompareAsync(image);
    }

    [Theory]
    [InlineData("4M", "cluster_size=512")]
    [InlineData("4M", "cluster_size=4k,refcount_bits=1")]
    [InlineData("4M", "cluster_size=4k,refcount_bits=2")]
    [InlineData("4M", "refcount_bits=8")]
    [InlineData("4M", "refcount_bits=32")]
    [InlineData("4M", "cluster_size=2M,refcount_bits=64")]
    [InlineData("4M", "compat=0.10")]
    [InlineData("200M", "preallocation=metadata,cluster_size=2M")]
    [InlineData("100M", "cluster_size=512,preallocation=metadata")]
    public async Task Every_geometry_is_understood(string size, string options)
    {
        Assert.SkipUnless(PatchedImage.CanRun, "qemu-img is not installed");
        using var image = new PatchedImage(size, options, Writes);
        await CompareTwiceAsync(image);
        // One reference of each kind goes: what it led to has leaked.
        image.Put(image.L2, 0ul);
        image.Save();
        await CompareTwiceAsync(image);
        image.Put(image.L1, 0ul);
        image.Save();
        await CompareTwiceAsync(image);
    }

    [Fact]
    public async Task Compressed_clusters_are_counted_sector_by_sector()
    {
        Assert.SkipUnless(PatchedImage.CanRun, "qemu-img is not installed");
        using var image = new PatchedImage("4M", "", Writes);
        var plain = image.Copy("plain.qcow2");
        image.QemuImg("convert", "-c", "-O", "qcow2", plain, image.File);
        image.Load();
        await CompareTwiceAsync(image);
        image.Or(image.L2, Copied);
        image.Put(image.L2 + (8 * 16), 0ul);
        image.Save();
        await CompareTwiceAsync(image);
    }

    [Fact]
    public async Task Snapshots_are_counted()
    {
        Assert.SkipUnless(PatchedImage.CanRun, "qemu-img is not installed");
        using var image = new PatchedImage("4M", "", Writes);
        image.QemuImg("snapshot", "-c", "first", image.File);
        image.QemuIo("write 0 128k");
        image.QemuImg("snapshot", "-c", "second", image.File);
        image.Load();
        await CompareAsync(image);
        image.Or((long)image.U64(64), 0x200);
        image.Save();
        await CompareAsync(image, ImageRepair.None);
    }

    [Theory]
    [InlineData(0, 0ul)]
    [InlineData(0, 1ul)]
    [InlineData(0, 1ul << 40)]
    [InlineData(-1, 1ul << 40)]
    public async Task Bitmaps_are_counted(int entry, ulong value)
    {
        Assert.SkipUnless(PatchedImage.CanRun, "qemu-img is not installed");
        using var image = new PatchedImage("4M", "", Writes);
        image.QemuImg("bitmap", "--add", "-g", "512", image.File, "fine");
        image.QemuImg("bitmap", "--add", "--disable", image.File, "empty");
        image.QemuIo("write 0 4k", "write 3M 12k");
        image.Load();
        await CompareAsync(image, ImageRepair.None);
        if (entry < 0)
        {
            image.Put(image.Directory0, value);
        }
        else
        {
            image.Put((long)image.U64(image.Directory0), value);
        }
        image.Save();
        await CompareAsync(image, ImageRepair.None);
    }

    [Fact]
    public async Task Bitmaps_that_another_program_overlooked_are_leaks()
    {
        Assert.SkipUnless(PatchedImage.CanRun, "qemu-img is not installed");
        using var image = new PatchedImage("4M", "", Writes);
        image.QemuImg("bitmap", "--add", image.File, "b");
        image.Load();
        image.Put(88, 0ul);
        image.Save();
        await CompareAsync(image, ImageRepair.None);
    }

    private static async Task CompareTwiceAsync(PatchedImage image)
    {
        await CompareAsync(image, ImageRepair.None);
        await CompareAsync(image, ImageRepair.Leaks | ImageRepair.Errors);
    }

    private static async Task CompareAsync(PatchedImage image)
    {
        await CompareAsync(image, ImageRepair.None);
        await CompareAsync(image, ImageRepair.Leaks);
        await CompareAsync(image, ImageRepair.Leaks | ImageRepair.Errors);
    }

    private static int Differ(string image, string other) =>
        ProgramRun.Of("qemu-img", "compare", "-U", "-f", "qcow2", "-F", "qcow2", image, other).ExitCode;

    private static async Task CompareAsync(PatchedImage image, ImageRepair repair)
    {
        var (ours, theirs) = (image.Copy("ours.qcow2"), image.Copy("theirs.qcow2"));
        var real = CheckTrial.OfReal(theirs, repair);
        var trial = await CheckTrial.OfOursAsync(ours, repair);
        Assert.Equal(real.Lines, trial.Lines);
        Assert.Equal(real.Result, trial.Result);
        if (repair == ImageRepair.None || trial.Result is null)
        {
            return;
        }
        Assert.Equal(CheckTrial.OfReal(theirs, ImageRepair.None), CheckTrial.OfReal(ours, ImageRepair.None));
        // What can't be read in theirs can't be compared.
        Assert.True(Differ(ours, theirs) == 0 || Differ(theirs, theirs) != 0);
    }
}
