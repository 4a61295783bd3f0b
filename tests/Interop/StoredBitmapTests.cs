using Tidemark.Testing;

namespace Tidemark.Interop.Tests;

/// <summary>Bitmaps that one program stores and the other reads, against the writes that the test itself made. P2, P3, P5.</summary>
public sealed class StoredBitmapTests
{
    private const int Size = 32 << 20;
    private const int Granularity = 65536;

    public static TheoryData<bool, bool, int> Programs =>
        new()
        {
            { true, false, 1 },
            { false, true, 2 },
            { true, true, 3 },
        };

    [Theory]
    [MemberData(nameof(Programs))]
    public void A_bitmap_holds_the_known_writes_whoever_stored_it_and_whoever_reads_it(bool oursWrites, bool oursReads, int seed)
    {
        using var folder = TempFolder.OnDisk();
        var image = folder.File("disk.qcow2");
        _ = ProgramRun.Of("qemu-img", "create", "-q", "-f", "qcow2", image, $"{Size}").MustSucceed();
        var known = new KnownWrites(Size, Granularity, seed);

        using (var writer = Start(oursWrites, image))
        {
            _ = writer.Execute("block-dirty-bitmap-add", """{"node": "d", "name": "b", "persistent": true}""");
            writer.Export("d");
            writer.QemuIo("d", known.Next(20));
            writer.Unexport("d");
            Assert.Equal(0, writer.Quit());
        }
        _ = ProgramRun.Of("qemu-img", "check", "-q", image).MustSucceed();

        using var reader = Start(oursReads, image);
        reader.Export("d", "b");
        Assert.Equal(known.DirtyRuns(), KnownWrites.ReadBitmap(reader.NbdUri("d"), "b"));
        var copy = folder.File("copy.raw");
        _ = ProgramRun.Of("nbdcopy", reader.NbdUri("d"), copy).MustSucceed();
        Assert.True(known.Content.AsSpan().SequenceEqual(File.ReadAllBytes(copy)), $"content differs, seed {seed}");
    }

    [Fact]
    public void Images_grow_through_alternating_runs_of_both_programs()
    {
        const int Seed = 11;
        using var folder = TempFolder.OnDisk();
        var image = folder.File("disk.qcow2");
        _ = Ours.Img("create", "-q", "-f", "qcow2", image, $"{Size}").MustSucceed();
        var known = new KnownWrites(Size, Granularity, Seed);
        for (var round = 0; round < 6; round++)
        {
            using var daemon = Start(round % 2 == 0, image);
            if (round == 0)
            {
                _ = daemon.Execute("block-dirty-bitmap-add", """{"node": "d", "name": "b", "persistent": true}""");
            }
            daemon.Export("d");
            daemon.QemuIo("d", known.Next(10));
            daemon.Unexport("d");
            Assert.Equal(0, daemon.Quit());
            _ = ProgramRun.Of("qemu-img", "check", "-q", image).MustSucceed();
            _ = Ours.Img("check", "-q", image).MustSucceed();
        }
        using var reader = Start(ours: false, image);
        reader.Export("d", "b");
        Assert.Equal(known.DirtyRuns(), KnownWrites.ReadBitmap(reader.NbdUri("d"), "b"));
    }

    [Fact]
    public void A_killed_daemon_leaves_a_clean_image_and_an_inconsistent_bitmap()
    {
        using var folder = TempFolder.OnDisk();
        var image = folder.File("disk.qcow2");
        _ = ProgramRun.Of("qemu-img", "create", "-q", "-f", "qcow2", image, $"{Size}").MustSucceed();
        _ = ProgramRun.Of("qemu-img", "bitmap", "--add", image, "b").MustSucceed();
        var known = new KnownWrites(Size, Granularity, 5);
        using (var daemon = Start(ours: true, image))
        {
            daemon.Export("d");
            daemon.QemuIo("d", known.Next(20));
            daemon.Kill();
        }
        var check = ProgramRun.Of("qemu-img", "check", image);
        Assert.True(check.ExitCode is 0 or 3, check.ToString());
        using var again = Start(ours: false, image);
        var error = again.ExecuteRefused("block-dirty-bitmap-clear", """{"node": "d", "name": "b"}""");
        Assert.Equal("Bitmap 'b' is inconsistent and cannot be used", error);
    }

    private static RealQemu Start(bool ours, string image)
    {
        string[] options = ["--blockdev", $"qcow2,node-name=d,file.driver=file,file.filename={image}"];
        return ours ? Ours.StartDaemon(options) : RealQemu.Start(options);
    }
}
