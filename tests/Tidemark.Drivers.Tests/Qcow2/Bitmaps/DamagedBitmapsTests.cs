using Tidemark.Bitmaps;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Testing;

namespace Tidemark.Drivers.Tests.Qcow2.Bitmaps;

/// <summary>
/// Images whose bitmaps are damaged in every field: opened here they get the error that the real program gives, or open where it
/// opens them. Contract P2, P3.
/// </summary>
public sealed class DamagedBitmapsTests
{
    private static readonly Dictionary<string, Action<PatchedImage>> Damages = new()
    {
        ["nothing"] = static _ => { },
        ["the extension is too short"] = static i => i.Put(i.Extension - 4, 16u),
        ["the extension is too long"] = static i => i.Put(i.Extension - 4, 32u),
        ["a reserved field of the extension is set"] = static i => i.Put(i.Extension + 4, 1u),
        ["no bitmaps"] = static i => i.Put(i.Extension, 0u),
        ["one bitmap too many"] = static i => i.Put(i.Extension, 3u),
        ["one bitmap too few"] = static i => i.Put(i.Extension, 1u),
        ["far too many bitmaps"] = static i => i.Put(i.Extension, 65536u),
        ["an empty directory"] = static i => i.Put(i.Extension + 8, 0ul),
        ["a directory cut short"] = static i => i.Put(i.Extension + 8, i.U64(i.Extension + 8) - 8),
        ["a directory that is too long"] = static i => i.Put(i.Extension + 8, (65535ul * 1024) + 8),
        ["a directory as long as may be"] = static i => i.Put(i.Extension + 8, 65535ul * 1024),
        ["an unaligned directory"] = static i => i.Or(i.Extension + 16, 8),
        ["a directory behind the end"] = static i => i.Put(i.Extension + 16, 1ul << 40),
        ["a table behind the end"] = static i => i.Put(i.Directory0, 1ul << 40),
        ["an unaligned table"] = static i => i.Or(i.Directory0, 8),
        ["no table"] = static i => i.Put(i.Directory0, 0ul),
        ["a table without entries"] = static i => i.Put(i.Directory0 + 8, 0u),
        ["a table with an entry too many"] = static i => i.Put(i.Directory0 + 8, i.U32(i.Directory0 + 8) + 1),
        ["a table that is too long"] = static i => i.Put(i.Directory0 + 8, 0x800_0001u),
        ["a table that is too long, in use"] = static i =>
        {
            i.Put(i.Directory0 + 8, 8193u);
            i.Put(i.Directory0 + 12, 1u);
        },
        ["in use"] = static i => i.Put(i.Directory0 + 12, 3u),
        ["in use, and with another size of the disk"] = static i =>
        {
            i.Put(i.Directory0 + 8, 7u);
            i.Put(i.Directory0 + 12, 1u);
        },
        ["a flag for extra data"] = static i => i.Put(i.Directory0 + 12, 4u),
        ["an unknown flag"] = static i => i.Put(i.Directory0 + 12, 128u),
        ["an unknown type"] = static i => i.Put(i.Directory0 + 16, (byte)2),
        ["too fine"] = static i => i.Put(i.Directory0 + 17, (byte)8),
        ["too coarse"] = static i => i.Put(i.Directory0 + 17, (byte)32),
        ["another granularity"] = static i => i.Put(i.Directory0 + 17, (byte)10),
        ["a name that is too long"] = static i => i.Put(i.Directory0 + 18, (ushort)1024),
        ["extra data"] = static i => i.Put(i.Directory0 + 20, 8u),
        ["two of one name"] = static i => i.Put(i.Directory0 + 24 + 8 + 24, i.U64(i.Directory0 + 24)),
        ["a table entry with a reserved bit"] = static i => i.Or((long)i.U64(i.Directory0), 2),
        ["a table entry with a high reserved bit"] = static i => i.Or((long)i.U64(i.Directory0), 1ul << 60),
        ["a table entry with data and the flag for ones"] = static i => i.Or((long)i.U64(i.Directory0), 1),
        ["an unaligned table entry"] = static i => i.Or((long)i.U64(i.Directory0), 0x200),
        ["a table entry behind the end"] = static i => i.Put((long)i.U64(i.Directory0), 1ul << 40),
        ["a table entry for ones"] = static i => i.Put((long)i.U64(i.Directory0), 1ul),
        ["another program wrote the image"] = static i => i.Put(88, 0ul),
    };

    public static TheoryData<string> Names => new(Damages.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void The_error_is_that_of_the_real_program(string damage)
    {
        Assert.SkipUnless(PatchedImage.CanRun, "qemu-img is not installed");
        using var image = new PatchedImage("4M", "");
        image.QemuImg("bitmap", "--add", "-g", "512", image.File, "b1");
        image.QemuImg("bitmap", "--add", image.File, "b2");
        image.QemuIo("write 0 4k", "write 3M 12k");
        image.Load();
        Damages[damage](image);
        image.Save();
        // qemu-io loads bitmaps, which qemu-img info does not.
        var real = ProgramRun.Of("qemu-io", "-r", "-f", "qcow2", "-c", "read 0 512", image.File);
        var expected = real.ExitCode == 0 ? "" : real.Errors.Trim()[$"qemu-io: can't open device {image.File}: ".Length..];
        ImageWorld.Run(async world =>
        {
            var ours = "";
            try
            {
                var disk = await world.OpenAsync(image.File, new JsonObject { ["read-only"] = true });
                Assert.All(disk.Node.Bitmaps, static b => Assert.True(b.IsReadOnly || b.IsInconsistent));
                await world.CloseAsync(disk);
            }
            catch (BlockException error)
            {
                ours = error.Message;
            }
            Assert.Equal(expected, ours);
            var warning = real.Errors.Contains("warning: ") ? real.Errors[real.Errors.IndexOf("warning: ")..].Trim() : "";
            Assert.Equal(warning, string.Join('\n', world.Warnings));
        });
        image.Load();
    }

    [Fact]
    public void Who_may_write_drops_an_extension_that_another_program_overlooked()
    {
        Assert.SkipUnless(PatchedImage.CanRun, "qemu-img is not installed");
        using var image = new PatchedImage("4M", "");
        image.QemuImg("bitmap", "--add", image.File, "b");
        image.Load();
        image.Put(88, 0ul);
        image.Save();
        ImageWorld.Run(async world =>
        {
            var disk = await world.OpenAsync(image.File);
            Assert.Empty(disk.Node.Bitmaps);
            Assert.Single(world.Warnings);
            await world.CloseAsync(disk);
        });
        var run = ProgramRun.Of("qemu-img", "check", "-f", "qcow2", image.File);
        Assert.Equal(3, run.ExitCode);
        Assert.DoesNotContain("warning", run.Errors);
    }

    [Fact]
    public void Bits_of_entries_that_say_ones_are_all_set()
    {
        Assert.SkipUnless(PatchedImage.CanRun, "qemu-img is not installed");
        using var image = new PatchedImage("4M", "cluster_size=512");
        image.QemuImg("bitmap", "--add", "-g", "512", image.File, "b");
        image.Load();
        image.Put((long)image.U64(image.Directory0) + 8, 1ul);
        image.Save();
        ImageWorld.Run(async world =>
        {
            var disk = await world.OpenAsync(image.File);
            // A cluster has 4096 bits.
            Assert.Equal([(2 << 20, 2 << 20)], KnownWrites.Of(disk.Node.Bitmaps.Find("b")!));
            await world.CloseAsync(disk);
        });
    }
}
