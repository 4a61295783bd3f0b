using Tidemark.Drivers.Qcow2.Refcounts;

namespace Tidemark.Drivers.Tests.Qcow2;

public sealed class RefcountCodecTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Every_width_keeps_each_entry_apart_and_finds_the_first_of_a_kind(int order)
    {
        var block = new byte[512];
        var entries = 512 * 8 >> order;
        var highest = order == 6 ? ulong.MaxValue : (1UL << (1 << order)) - 1;
        var expected = new ulong[entries];
        var random = new Random(order);
        for (var i = 0; i < 2000; i++)
        {
            var index = random.Next(entries);
            var value = random.Next(3) == 0 ? 0 : (ulong)random.NextInt64() & highest;
            RefcountCodec.Set(block, order, index, value);
            expected[index] = value;
            Assert.Equal(value, RefcountCodec.Get(block, order, index));
        }
        for (var start = 0; start < entries; start++)
        {
            Assert.Equal(expected[start], RefcountCodec.Get(block, order, start));
            Assert.Equal(First(expected, start, static v => v == 0), RefcountCodec.FindZero(block, order, start));
            Assert.Equal(First(expected, start, static v => v != 0), RefcountCodec.FindNonZero(block, order, start));
        }
    }

    [Fact]
    public void Narrow_entries_begin_at_the_low_bits_and_wide_ones_are_big_endian()
    {
        var block = new byte[512];
        RefcountCodec.Set(block, 0, 1, 1);
        RefcountCodec.Set(block, 2, 3, 0xa);
        RefcountCodec.Set(block, 4, 2, 0x1234);
        Assert.Equal((byte[])[0x02, 0xa0, 0, 0, 0x12, 0x34], block[..6]);
    }

    private static int First(ulong[] values, int start, Predicate<ulong> wanted)
    {
        var found = Array.FindIndex(values, start, wanted);
        return found < 0 ? values.Length : found;
    }
}
