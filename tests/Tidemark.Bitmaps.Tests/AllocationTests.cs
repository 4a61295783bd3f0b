using Tidemark.Core.Units;
using Tidemark.Testing;

namespace Tidemark.Bitmaps.Tests;

/// <summary>The hot operations stay within their allocation budget.</summary>
public sealed class AllocationTests
{
    private const long Size = 1L << 34;
    private const long Here = 5 << 20;

    private static readonly Dictionary<string, Func<Action>> Operations = new(StringComparer.Ordinal)
    {
        ["bitmap.mark.none-recording"] = static () => Marking(0, clean: false),
        ["bitmap.mark.four-recording"] = static () => Marking(4, clean: true),
        ["bitmap.mark.already-dirty"] = static () => Marking(4, clean: false),
        ["bitmap.set-reset"] = static () =>
            On(static bitmap =>
            {
                bitmap.Set(new ByteRange(Here, 3 << 20));
                bitmap.Reset(new ByteRange(Here, 2 << 20));
            }),
        ["bitmap.find"] = static () => On(static bitmap => _ = bitmap.FindNextDirty(0, Size) + bitmap.FindNextZero(0, Size)),
        ["bitmap.next-area"] = static () => On(static bitmap => _ = bitmap.NextDirtyArea(0, Size, 1 << 20, out _)),
        ["bitmap.next-status"] = static () => On(static bitmap => _ = bitmap.NextStatus(Here, Size)),
        ["bitmap.merge.same-granularity"] = static () => Merging(16),
        ["bitmap.merge.other-granularity"] = static () => Merging(12),
        ["bitmap.clear"] = static () => On(static bitmap => bitmap.Clear()),
        ["bitmap.serialize"] = static () =>
        {
            var cluster = new byte[65536];
            return On(bitmap => _ = bitmap.Serialize(new ByteRange(0, Size), cluster));
        },
        ["bitmap.deserialize"] = static () =>
        {
            var cluster = new byte[65536];
            Array.Fill(cluster, (byte)0x5A);
            return On(bitmap => bitmap.Deserialize(new ByteRange(0, Size), cluster));
        },
    };

    public static TheoryData<string> Names => [.. Operations.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void An_operation_stays_within_its_budget(string name) =>
        Assert.InRange(AllocationBudget.Measure(Operations[name]()), 0, AllocationBudget.Of(name));

    [Fact]
    public void Every_budget_of_this_room_is_measured() =>
        Assert.All(AllocationBudget.Names("bitmap."), static name => Assert.Contains(name, Operations));

    private static Action Marking(int bitmaps, bool clean)
    {
        var set = new DirtyBitmapSet(Size);
        for (var index = 0; index < bitmaps; index++)
        {
            _ = set.Add($"b{index}");
        }
        return () =>
        {
            if (clean)
            {
                foreach (var bitmap in set)
                {
                    bitmap.Clear();
                }
            }
            set.Mark(new ByteRange(Here, 4096));
        };
    }

    private static Action On(Action<HierarchicalBitmap> act)
    {
        var bitmap = new HierarchicalBitmap(Size, 16);
        bitmap.Set(new ByteRange(Here, 1));
        return () => act(bitmap);
    }

    private static Action Merging(int sourceGranularityBits)
    {
        var source = new HierarchicalBitmap(Size, sourceGranularityBits);
        source.Set(new ByteRange(Here, 10 << 20));
        return On(bitmap => bitmap.MergeFrom(source));
    }
}
