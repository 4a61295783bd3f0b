using Tidemark.Core.Errors;
using Tidemark.Core.Memory;
using Tidemark.Io.Contract;

namespace Tidemark.Io.Tests.Contract;

/// <summary>Sizes, holes, zeroes and copies, by every engine.</summary>
public sealed class FileSpaceTests
{
    private const int Unit = 4096;

    public static TheoryData<Place> Places => [.. Enum.GetValues<Place>()];

    [Theory, MemberData(nameof(Places))]
    public void A_hole_reads_as_zeroes_and_takes_no_space(Place place) =>
        PlaceScope.Run(
            place,
            async scope =>
            {
                await using var file = await WrittenAsync(scope, 64 * Unit);
                Assert.Equal(IoStatus.Ok, await file.FlushAsync());
                var before = file.GetAllocatedLength();
                Assert.Equal(IoStatus.Ok, await file.PunchHoleAsync(16 * Unit, 16 * Unit));
                Assert.Equal(64 * Unit, file.GetLength());
                Assert.Equal(before - (16 * Unit), file.GetAllocatedLength());
                Assert.Equal(new FileExtent(true, 16 * Unit), file.FindExtent(0));
                Assert.Equal(new FileExtent(false, 12 * Unit), file.FindExtent(20 * Unit));
                Assert.Equal(new FileExtent(true, 32 * Unit), file.FindExtent(32 * Unit));
                Assert.Equal(new FileExtent(false, 0), file.FindExtent(64 * Unit));
                await AssertZeroAsync(file, 16 * Unit, 16 * Unit);
            }
        );

    [Theory, MemberData(nameof(Places))]
    public void A_file_without_data_is_one_hole(Place place) =>
        PlaceScope.Run(
            place,
            async scope =>
            {
                await using var file = await scope.CreateAsync("a");
                Assert.Equal(new FileExtent(false, 0), file.FindExtent(0));
                Assert.Equal(IoStatus.Ok, await file.TruncateAsync(1 << 30));
                Assert.Equal(new FileExtent(false, 1 << 30), file.FindExtent(0));
                Assert.Equal(new FileExtent(false, (1 << 30) - 5), file.FindExtent(5));
            }
        );

    [Theory, MemberData(nameof(Places))]
    public void Zeroes_are_written_without_being_sent(Place place) =>
        PlaceScope.Run(
            place,
            async scope =>
            {
                await using var file = await WrittenAsync(scope, 16 * Unit);
                Assert.Equal(IoStatus.Ok, await file.WriteZeroesAsync(Unit, 2 * Unit, mayUnmap: false));
                Assert.Equal(IoStatus.Ok, await file.WriteZeroesAsync(8 * Unit, 2 * Unit, mayUnmap: true));
                await AssertZeroAsync(file, Unit, 2 * Unit);
                await AssertZeroAsync(file, 8 * Unit, 2 * Unit);
                Assert.Equal(16 * Unit, file.GetLength());
                Assert.Equal(IoStatus.Ok, await file.WriteZeroesAsync(15 * Unit, 5 * Unit, mayUnmap: false));
                Assert.Equal(20 * Unit, file.GetLength());
                Assert.Equal(IoStatus.Ok, await file.WriteZeroesAsync(20 * Unit, 5 * Unit, mayUnmap: true));
                Assert.Equal(25 * Unit, file.GetLength());
                await AssertZeroAsync(file, 15 * Unit, 10 * Unit);
            }
        );

    [Theory, MemberData(nameof(Places))]
    public void A_truncated_file_grows_again_with_zeroes(Place place) =>
        PlaceScope.Run(
            place,
            async scope =>
            {
                await using var file = await WrittenAsync(scope, 4 * Unit);
                Assert.Equal(IoStatus.Ok, await file.TruncateAsync(Unit + 100));
                Assert.Equal(Unit + 100, file.GetLength());
                Assert.Equal(IoStatus.Ok, await file.TruncateAsync(4 * Unit));
                await AssertZeroAsync(file, 2 * Unit, 2 * Unit);
                using var target = AlignedBuffer.Allocate(Unit);
                Assert.Equal(IoStatus.Ok, await file.ReadAsync(Unit, target.Memory));
                Assert.False(target.GetSpan()[100..].ContainsAnyExcept((byte)0));
            }
        );

    [Theory, MemberData(nameof(Places))]
    public void Reserved_space_is_taken_and_reads_as_zeroes(Place place) =>
        PlaceScope.Run(
            place,
            async scope =>
            {
                await using var file = await scope.CreateAsync("a");
                Assert.Equal(IoStatus.Ok, await file.AllocateAsync(0, 32 * Unit));
                Assert.Equal(32 * Unit, file.GetLength());
                Assert.True(file.GetAllocatedLength() >= 32 * Unit);
                await AssertZeroAsync(file, 0, 32 * Unit);
            }
        );

    [Theory, MemberData(nameof(Places))]
    public void A_discard_leaves_the_rest_alone(Place place) =>
        PlaceScope.Run(
            place,
            async scope =>
            {
                await using var file = await WrittenAsync(scope, 16 * Unit);
                Assert.Equal(IoStatus.Ok, await file.DiscardAsync(4 * Unit, 4 * Unit));
                using var data = PlaceScope.Pattern(16 * Unit, 1);
                using var target = AlignedBuffer.Allocate(4 * Unit);
                Assert.Equal(IoStatus.Ok, await file.ReadAsync(0, target.Memory));
                Assert.True(target.GetSpan().SequenceEqual(data.GetSpan()[..(4 * Unit)]));
                Assert.Equal(IoStatus.Ok, await file.ReadAsync(8 * Unit, target.Memory));
                Assert.True(target.GetSpan().SequenceEqual(data.GetSpan().Slice(8 * Unit, 4 * Unit)));
            }
        );

    [Theory, MemberData(nameof(Places))]
    public void A_copy_between_files_is_exact_or_refused(Place place) =>
        PlaceScope.Run(
            place,
            async scope =>
            {
                await using var source = await WrittenAsync(scope, 600 * Unit);
                await using var target = await scope.CreateAsync("b");
                var status = await target.CopyFromAsync(source, 2 * Unit, Unit, 500 * Unit);
                Assert.True(status is IoStatus.Ok or IoStatus.NotSupported, $"{status}");
                if (status == IoStatus.Ok)
                {
                    using var data = PlaceScope.Pattern(600 * Unit, 1);
                    using var copied = AlignedBuffer.Allocate(500 * Unit);
                    Assert.Equal(IoStatus.Ok, await target.ReadAsync(Unit, copied.Memory));
                    Assert.True(copied.GetSpan().SequenceEqual(data.GetSpan().Slice(2 * Unit, 500 * Unit)));
                    await AssertZeroAsync(target, 0, Unit);
                }
            }
        );

    private static async Task<StorageFile> WrittenAsync(PlaceScope scope, int length)
    {
        var file = await scope.CreateAsync("a");
        using var data = PlaceScope.Pattern(length, 1);
        Assert.Equal(IoStatus.Ok, await file.WriteAsync(0, data.Memory));
        return file;
    }

    private static async Task AssertZeroAsync(StorageFile file, long offset, int length)
    {
        using var target = PlaceScope.Pattern(length, 99);
        Assert.Equal(IoStatus.Ok, await file.ReadAsync(offset, target.Memory));
        Assert.False(target.GetSpan().ContainsAnyExcept((byte)0));
    }
}
