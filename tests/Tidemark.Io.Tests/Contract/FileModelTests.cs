using Tidemark.Core.Errors;
using Tidemark.Io.Contract;

namespace Tidemark.Io.Tests.Contract;

/// <summary>Random operations against an array of bytes: the file and the array never differ.</summary>
public sealed class FileModelTests
{
    private const int MaxLength = 1 << 18;

    public static TheoryData<Place> Places => [.. Enum.GetValues<Place>()];

    [Theory, MemberData(nameof(Places))]
    public void A_file_behaves_like_an_array_of_bytes(Place place) =>
        PlaceScope.Run(
            place,
            async scope =>
            {
                var seed = scope.Engine.Random.Next();
                await using var file = await scope.CreateAsync("a");
                var model = new Model(file, new Random(seed), scope.Unit);
                try
                {
                    for (var step = 0; step < 300; step++)
                    {
                        await model.StepAsync();
                    }
                }
                catch (Exception e)
                {
                    throw new InvalidOperationException($"Sequence of seed {seed}: {e.Message}", e);
                }
            }
        );

    private sealed class Model(StorageFile file, Random random, int unit)
    {
        private readonly byte[] expected = new byte[MaxLength * 2];
        private long length;

        public async Task StepAsync()
        {
            var offset = Aligned(random.Next(MaxLength));
            var count = Math.Max(unit, Aligned(random.Next(1 << random.Next(1, 17))));
            switch (random.Next(8))
            {
                case 0 or 1:
                    await WriteAsync(offset, count);
                    break;
                case 2:
                    Check(await file.PunchHoleAsync(offset, count));
                    Clear(offset, Math.Min(offset + count, length));
                    break;
                case 3:
                    Check(await file.WriteZeroesAsync(offset, count, random.Next(2) == 0));
                    Clear(offset, offset + count);
                    length = Math.Max(length, offset + count);
                    break;
                case 4:
                    Check(await file.TruncateAsync(offset));
                    Clear(offset, length);
                    length = offset;
                    break;
                case 5:
                    Check(await file.FlushAsync());
                    CheckExtents();
                    break;
                default:
                    await ReadAsync(offset, count);
                    break;
            }
            Assert.Equal(length, file.GetLength());
        }

        private int Aligned(int value) => value / unit * unit;

        private async Task WriteAsync(int offset, int count)
        {
            using var data = PlaceScope.Pattern(count, random.Next());
            Check(await file.WriteAsync(offset, data.Memory));
            data.GetSpan().CopyTo(expected.AsSpan(offset));
            length = Math.Max(length, offset + count);
        }

        private async Task ReadAsync(int offset, int count)
        {
            using var target = PlaceScope.Pattern(count, random.Next());
            Check(await file.ReadAsync(offset, target.Memory));
            Assert.True(target.GetSpan().SequenceEqual(expected.AsSpan(offset, count)), "content");
        }

        /// <summary>Extents cover the file without gaps, and holes are zero.</summary>
        private void CheckExtents()
        {
            for (var offset = 0L; offset < length; )
            {
                var extent = file.FindExtent(offset);
                Assert.True(extent.Length > 0 && offset + extent.Length <= length, "extent lies in the file");
                var isZero = !expected.AsSpan((int)offset, (int)extent.Length).ContainsAnyExcept((byte)0);
                Assert.True(extent.IsData || isZero, "a hole is zero");
                offset += extent.Length;
            }
        }

        private void Clear(long from, long to)
        {
            if (to > from)
            {
                expected.AsSpan((int)from, (int)(to - from)).Clear();
            }
        }

        private static void Check(IoStatus status) => Assert.Equal(IoStatus.Ok, status);
    }
}
