using Tidemark.Core.Errors;
using Tidemark.Core.Memory;

namespace Tidemark.Io.Tests.Contract;

/// <summary>Reading and writing, by every engine.</summary>
public sealed class FileDataTests
{
    private const int Unit = 4096;

    public static TheoryData<Place> Places => [.. Enum.GetValues<Place>()];

    [Theory, MemberData(nameof(Places))]
    public void What_was_written_is_read_back(Place place) =>
        PlaceScope.Run(
            place,
            async scope =>
            {
                await using var file = await scope.CreateAsync("a");
                foreach (var length in new[] { Unit, 3 * Unit, 1 << 20, (1 << 20) + Unit, 5 << 20 })
                {
                    using var data = PlaceScope.Pattern(length, length);
                    using var target = AlignedBuffer.Allocate(length);
                    Assert.Equal(IoStatus.Ok, await file.WriteAsync(2 * Unit, data.Memory));
                    Assert.Equal(IoStatus.Ok, await file.FlushAsync());
                    Assert.Equal(IoStatus.Ok, await file.ReadAsync(2 * Unit, target.Memory));
                    Assert.True(data.GetSpan().SequenceEqual(target.GetSpan()));
                    Assert.Equal((2 * Unit) + length, file.GetLength());
                }
            }
        );

    [Theory, MemberData(nameof(Places))]
    public void Behind_the_end_of_the_file_come_zeroes(Place place) =>
        PlaceScope.Run(
            place,
            async scope =>
            {
                await using var file = await scope.CreateAsync("a");
                using var data = PlaceScope.Pattern(Unit, 1);
                Assert.Equal(IoStatus.Ok, await file.WriteAsync(0, data.Memory));
                // An odd size, as an image may have that others wrote.
                Assert.Equal(IoStatus.Ok, await file.TruncateAsync(1000));
                foreach (var length in new[] { Unit, 4 * Unit, 2 << 20 })
                {
                    using var target = PlaceScope.Pattern(length, 2);
                    Assert.Equal(IoStatus.Ok, await file.ReadAsync(0, target.Memory));
                    Assert.True(target.GetSpan()[..1000].SequenceEqual(data.GetSpan()[..1000]));
                    Assert.False(target.GetSpan()[1000..].ContainsAnyExcept((byte)0));
                    Assert.Equal(IoStatus.Ok, await file.ReadAsync(1 << 30, target.Memory));
                    Assert.False(target.GetSpan().ContainsAnyExcept((byte)0));
                }
                Assert.Equal(1000, file.GetLength());
            }
        );

    [Theory, MemberData(nameof(Places))]
    public void Many_requests_are_under_way_at_once(Place place) =>
        PlaceScope.Run(
            place,
            async scope =>
            {
                const int Count = 600;
                await using var file = await scope.CreateAsync("a");
                using var data = PlaceScope.Pattern(Count * Unit, 1);
                var writes = new List<Task<IoStatus>>();
                for (var i = 0; i < Count; i++)
                {
                    writes.Add(file.WriteAsync((long)i * Unit, data.Memory.Slice(i * Unit, Unit)).AsTask());
                }
                Assert.All(await Task.WhenAll(writes), status => Assert.Equal(IoStatus.Ok, status));
                using var target = AlignedBuffer.Allocate(Count * Unit);
                var reads = new List<Task<IoStatus>>();
                for (var i = 0; i < Count; i++)
                {
                    reads.Add(file.ReadAsync((long)i * Unit, target.Memory.Slice(i * Unit, Unit)).AsTask());
                }
                Assert.All(await Task.WhenAll(reads), status => Assert.Equal(IoStatus.Ok, status));
                Assert.True(data.GetSpan().SequenceEqual(target.GetSpan()));
            }
        );

    [Theory, MemberData(nameof(Places))]
    public void Background_requests_all_arrive_whatever_their_size(Place place) =>
        PlaceScope.Run(
            place,
            async scope =>
            {
                int[] lengths = [1 << 20, Unit, 256 << 10, 3 << 20, 64 << 10, 1 << 20, 512 << 10, Unit];
                await using var file = await scope.CreateAsync("a");
                using var data = PlaceScope.Pattern(lengths.Sum(), 1);
                using var target = AlignedBuffer.Allocate(lengths.Sum());
                var (writes, reads) = (new List<Task<IoStatus>>(), new List<Task<IoStatus>>());
                for (var (i, at) = (0, 0); i < lengths.Length; at += lengths[i++])
                {
                    writes.Add(file.WriteInBackgroundAsync(at, data.Memory.Slice(at, lengths[i])).AsTask());
                }
                Assert.All(await Task.WhenAll(writes), status => Assert.Equal(IoStatus.Ok, status));
                for (var (i, at) = (0, 0); i < lengths.Length; at += lengths[i++])
                {
                    reads.Add(file.ReadInBackgroundAsync(at, target.Memory.Slice(at, lengths[i])).AsTask());
                }
                Assert.All(await Task.WhenAll(reads), status => Assert.Equal(IoStatus.Ok, status));
                Assert.True(data.GetSpan().SequenceEqual(target.GetSpan()));
            }
        );

    [Theory, MemberData(nameof(Places))]
    public void A_background_write_that_fails_does_not_hold_up_those_behind_it(Place place) =>
        PlaceScope.Run(
            place,
            async scope =>
            {
                const int Length = 1 << 20;
                await using (await scope.CreateAsync("a")) { }
                await using var file = await scope.Engine.OpenFileAsync(scope.File("a"), default);
                using var data = PlaceScope.Pattern(Length, 1);
                var writes = Enumerable.Range(0, 4).Select(i => file.WriteInBackgroundAsync(i * Length, data.Memory).AsTask());
                Assert.All(await Task.WhenAll(writes), status => Assert.NotEqual(IoStatus.Ok, status));
                Assert.Equal(0, file.GetLength());
            }
        );

    [Theory, MemberData(nameof(Places))]
    public void A_direct_file_names_its_alignment_and_refuses_what_violates_it(Place place) =>
        PlaceScope.Run(
            place,
            async scope =>
            {
                await using var file = await scope.CreateAsync("a");
                Assert.True(file.RequestAlignment is 1 or 512 or 4096);
                using var data = PlaceScope.Pattern(Unit, 1);
                Assert.Equal(IoStatus.Ok, await file.WriteAsync(0, data.Memory[..file.RequestAlignment]));
                if (file.RequestAlignment > 1)
                {
                    Assert.Equal(IoStatus.InvalidArgument, await file.WriteAsync(1, data.Memory[..file.RequestAlignment]));
                    Assert.Equal(IoStatus.InvalidArgument, await file.ReadAsync(0, data.Memory[..100]));
                }
                else if (scope.Unit == 1)
                {
                    Assert.Equal(1, file.MemoryAlignment);
                }
            }
        );

    [Theory, MemberData(nameof(Places))]
    public void A_file_opened_for_reading_refuses_writes(Place place) =>
        PlaceScope.Run(
            place,
            async scope =>
            {
                using var data = PlaceScope.Pattern(Unit, 1);
                await using (var made = await scope.CreateAsync("a"))
                {
                    Assert.Equal(IoStatus.Ok, await made.WriteAsync(0, data.Memory));
                }
                await using var file = await scope.Engine.OpenFileAsync(scope.File("a"), default);
                Assert.NotEqual(IoStatus.Ok, await file.WriteAsync(0, data.Memory));
                Assert.Equal(IoStatus.Ok, await file.ReadAsync(0, data.Memory));
            }
        );

    [Theory, MemberData(nameof(Places))]
    public void Empty_requests_are_done_at_once(Place place) =>
        PlaceScope.Run(
            place,
            async scope =>
            {
                await using var file = await scope.CreateAsync("a");
                Assert.Equal(IoStatus.Ok, await file.WriteAsync(0, default));
                Assert.Equal(IoStatus.Ok, await file.ReadAsync(0, default));
                Assert.Equal(0, file.GetLength());
            }
        );

    [Fact]
    public void A_cold_read_of_a_file_on_disk_is_right() =>
        PlaceScope.Run(
            Place.LinuxDisk,
            async scope =>
            {
                using var data = PlaceScope.Pattern(8 << 20, 1);
                await using (
                    var direct = await scope.Engine.OpenFileAsync(scope.File("a"), new(true, Direct: true, Create: true))
                )
                {
                    // Written past the page cache: nothing of it is cached.
                    Assert.Equal(IoStatus.Ok, await direct.WriteAsync(0, data.Memory));
                }
                await using var file = await scope.Engine.OpenFileAsync(scope.File("a"), default);
                using var target = AlignedBuffer.Allocate(100_000);
                for (var offset = 0L; offset < 7 << 20; offset += 777_777)
                {
                    Assert.Equal(IoStatus.Ok, await file.ReadAsync(offset, target.Memory));
                    Assert.True(target.GetSpan().SequenceEqual(data.GetSpan().Slice((int)offset, 100_000)));
                }
            }
        );
}
