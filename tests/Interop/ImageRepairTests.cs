using System.Buffers.Binary;
using Tidemark.Testing;

namespace Tidemark.Interop.Tests;

/// <summary>Damages images and lets both programs repair copies of them: exit codes, text, and what is left must agree.</summary>
public sealed class ImageRepairTests : IDisposable
{
    private const int SnapshotCountField = 60;
    private const int SnapshotOffsetField = 64;
    private const int L1OffsetField = 40;

    private static readonly Dictionary<string, Action<byte[]>> Damages = new()
    {
        ["a snapshot without extra data"] = static i => PutExtra(i, 0),
        ["a snapshot with half of its extra data"] = static i => PutExtra(i, 8),
        ["a snapshot with too much extra data"] = static i => PutExtra(i, 2000),
        ["snapshots without names"] = static i => i.AsSpan(Table(i)).Clear(), // the last cluster
        ["a snapshot too many"] = static i => BinaryPrimitives.WriteUInt32BigEndian(i.AsSpan(SnapshotCountField), 3),
        ["a snapshot too few"] = static i => BinaryPrimitives.WriteUInt32BigEndian(i.AsSpan(SnapshotCountField), 1),
        ["many snapshots too many"] = static i => BinaryPrimitives.WriteUInt32BigEndian(i.AsSpan(SnapshotCountField), 65_540),
        ["the snapshot table is unaligned"] = static i => i[SnapshotOffsetField + 6] ^= 2,
        ["a snapshot's L1 table is unaligned"] = static i => i[Table(i) + 6] ^= 2,
        ["a snapshot's L1 table is too long"] = static i => i[Table(i) + 8] = 1,
        ["an L1 entry is unaligned"] = static i => i[(int)BinaryPrimitives.ReadInt64BigEndian(i.AsSpan(L1OffsetField)) + 6] ^= 2,
    };

    private readonly TempFolder folder = TempFolder.InMemory();

    public static TheoryData<string> Names => new(Damages.Keys);

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void Repairs_of_snapshots_and_tables_are_those_of_the_real_program(string damage)
    {
        Assert.SkipUnless(ProgramRun.Exists("qemu-img"), "qemu-img is not installed");
        var image = folder.File("damaged.qcow2");
        Real("create", "-q", "-f", "qcow2", image, "4M");
        _ = ProgramRun.Of("qemu-io", "-c", "write -P 1 0 64k", image).MustSucceed();
        Real("snapshot", "-c", "one", image);
        _ = ProgramRun.Of("qemu-io", "-c", "write -P 2 0 64k", image).MustSucceed();
        Real("snapshot", "-c", "two", image);
        var bytes = System.IO.File.ReadAllBytes(image);
        Damages[damage](bytes);
        System.IO.File.WriteAllBytes(image, bytes);
        CompareRepair(image, []);
        CompareRepair(image, ["-r", "leaks"]);
        // Rubbish that it takes for snapshots stands in the real program's own way, and it gives up.
        if (damage is not ("a snapshot with half of its extra data" or "many snapshots too many"))
        {
            CompareRepair(image, ["-r", "all"]);
        }
    }

    [Fact]
    public void Bitmaps_outside_of_the_file_are_stored_anew()
    {
        Assert.SkipUnless(ProgramRun.Exists("qemu-img"), "qemu-img is not installed");
        var image = folder.File("bitmaps.qcow2");
        Real("create", "-q", "-f", "qcow2", image, "4M");
        Real("bitmap", "--add", "-g", "512", image, "fine");
        _ = ProgramRun.Of("qemu-io", "-c", "write 0 4k", "-c", "write 3M 12k", image).MustSucceed();
        var bytes = System.IO.File.ReadAllBytes(image);
        // The extension "bitmaps" follows the header: length, count, reserved, size and offset of the directory.
        var extension = bytes.AsSpan().IndexOf((ReadOnlySpan<byte>)[0x23, 0x85, 0x28, 0x75]);
        var directory = (int)BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(extension + 24));
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(directory), 1L << 40);
        System.IO.File.WriteAllBytes(image, bytes);
        Assert.Equal(2, ProgramRun.Of("qemu-img", "check", image).ExitCode);
        _ = Ours.Img("check", "-r", "all", image);
        Assert.Equal(0, ProgramRun.Of("qemu-img", "check", image).ExitCode);
        Assert.Contains("fine", ProgramRun.Of("qemu-img", "info", image).MustSucceed().Output, StringComparison.Ordinal);
    }

    private void CompareRepair(string image, string[] mode)
    {
        var (theirs, ours) = (folder.File("x.qcow2"), folder.File("y.qcow2"));
        System.IO.File.Copy(image, theirs, overwrite: true);
        System.IO.File.Copy(image, ours, overwrite: true);
        var real = ProgramRun.Of("qemu-img", ["check", .. mode, theirs]);
        var mine = Ours.Img(["check", .. mode, ours]);
        Assert.Equal(real.Errors, mine.Errors);
        Assert.Equal(real.Output, mine.Output);
        Assert.Equal(real.ExitCode, mine.ExitCode);
        Assert.Equal(ProgramRun.Of("qemu-img", "info", image).ExitCode, Ours.Img("info", image).ExitCode);
        Assert.Equal(ProgramRun.Of("qemu-img", "check", theirs).Output, ProgramRun.Of("qemu-img", "check", ours).Output);
        Assert.Equal(
            ProgramRun.Of("qemu-img", "snapshot", "-l", theirs).Output,
            ProgramRun.Of("qemu-img", "snapshot", "-l", ours).Output
        );
    }

    private static void Real(params string[] arguments) => _ = ProgramRun.Of("qemu-img", arguments).MustSucceed();

    private static int Table(byte[] image) => (int)BinaryPrimitives.ReadInt64BigEndian(image.AsSpan(SnapshotOffsetField));

    private static void PutExtra(byte[] image, uint bytes) =>
        BinaryPrimitives.WriteUInt32BigEndian(image.AsSpan(Table(image) + 36), bytes);
}
