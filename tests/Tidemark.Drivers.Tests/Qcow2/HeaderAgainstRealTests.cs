using System.Buffers.Binary;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Testing;

namespace Tidemark.Drivers.Tests.Qcow2;

/// <summary>A header with a wrong field is refused in the real program's words, and taken where that takes it.</summary>
public sealed class HeaderAgainstRealTests
{
    private static readonly bool HasQemu = ProgramRun.Exists("qemu-img");

    [Theory]
    [InlineData(0, 4, 0x51464900)]
    [InlineData(4, 4, 1)]
    [InlineData(4, 4, 4)]
    [InlineData(8, 8, 70_000)]
    [InlineData(16, 4, 1024)]
    [InlineData(20, 4, 8)]
    [InlineData(20, 4, 22)]
    [InlineData(24, 8, long.MinValue)]
    [InlineData(24, 8, long.MaxValue)]
    [InlineData(24, 8, 1L << 60)]
    [InlineData(32, 4, 3)]
    [InlineData(36, 4, 0)]
    [InlineData(36, 4, int.MaxValue)]
    [InlineData(40, 8, 0x30200)]
    [InlineData(40, 8, long.MinValue)]
    [InlineData(48, 8, 0x10200)]
    [InlineData(56, 4, 0)]
    [InlineData(56, 4, 129)]
    [InlineData(56, 4, -1)]
    [InlineData(60, 4, 70_000)]
    [InlineData(64, 8, 0x12345)]
    [InlineData(72, 8, 1L << 40)]
    [InlineData(72, 8, (1L << 40) | (1 << 5))]
    [InlineData(72, 8, 8)]
    [InlineData(96, 4, 7)]
    [InlineData(100, 4, 103)]
    [InlineData(100, 4, 0x20000)]
    [InlineData(104, 1, 1)]
    [InlineData(104, 1, 2)]
    [InlineData(116, 4, 100)]
    [InlineData(116, 4, int.MaxValue)]
    public void A_wrong_field_is_refused_in_the_same_words(int offset, int bytes, long value)
    {
        Assert.SkipUnless(HasQemu, "qemu-img is not installed");
        using var folder = TempFolder.InMemory();
        var path = folder.File("a.qcow2");
        _ = ProgramRun.Of("qemu-img", "create", "-q", "-u", "-f", "qcow2", "-b", "base", "-F", "raw", path, "1M").MustSucceed();
        var image = System.IO.File.ReadAllBytes(path);
        Put(image.AsSpan(offset), bytes, value);
        System.IO.File.WriteAllBytes(path, image);
        var real = ProgramRun.Of("qemu-img", "info", "-f", "qcow2", path);
        Assert.NotEqual(0, real.ExitCode);
        ImageWorld.Run(async world =>
        {
            var options = new JsonObject { ["read-only"] = true, ["backing"] = JsonNull.Instance };
            var error = await Assert.ThrowsAsync<BlockException>(async () => await world.OpenAsync(path, options));
            Assert.Equal(real.Errors.TrimEnd(), $"qemu-img: Could not open '{path}': {error.Message}");
        });
    }

    [Fact]
    public void What_is_not_understood_is_written_back_as_it_was()
    {
        using var folder = TempFolder.InMemory();
        var path = folder.File("a.qcow2");
        ImageWorld.Run(async world =>
        {
            await world.CreateAsync(path, 1 << 20);
            var image = System.IO.File.ReadAllBytes(path);
            // An extension of a type that nobody knows in front of the end mark, and an unknown compatible feature.
            var end = 112 + 8 + BinaryPrimitives.ReadInt32BigEndian(image.AsSpan(116));
            Put(image.AsSpan(end), 4, 0x12345678);
            Put(image.AsSpan(end + 4), 4, 5);
            "hello"u8.CopyTo(image.AsSpan(end + 8));
            Put(image.AsSpan(80), 8, 1L << 33);
            System.IO.File.WriteAllBytes(path, image);

            var backend = await world.OpenAsync(path);
            await backend.TruncateAsync(1L << 40, exact: true, Block.Contract.PreallocationMode.Off);
            await world.CloseAsync(backend);

            var after = System.IO.File.ReadAllBytes(path);
            Assert.Equal(image.AsSpan(end, 24), after.AsSpan(end, 24));
            Assert.Equal(image.AsSpan(80, 8), after.AsSpan(80, 8));
        });
    }

    private static void Put(Span<byte> target, int bytes, long value)
    {
        for (var i = 0; i < bytes; i++)
        {
            target[i] = (byte)(value >> (8 * (bytes - 1 - i)));
        }
    }
}
