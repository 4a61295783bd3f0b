using System.Security.Cryptography;
using Tidemark.Core.Units;

namespace Tidemark.Bitmaps.Tests;

/// <summary>Bits as bytes, piecewise, and the digest over them. Rules P2, Q7.</summary>
public sealed class SerializationTests
{
    [Theory]
    [MemberData(nameof(HierarchicalBitmapTests.Shapes), MemberType = typeof(HierarchicalBitmapTests))]
    public void A_bitmap_stored_in_clusters_comes_back_equal(long size, int granularityBits)
    {
        using var pair = new BitmapPair(size, granularityBits, seed: 21);
        foreach (var clusterSize in new[] { 512, 4096, 65536 })
        {
            pair.Step();
            pair.Step();
            using var loaded = new HierarchicalBitmap(size, granularityBits);
            loaded.SetAll();
            var expected = pair.Model.Bytes().AsSpan();
            var coverage = loaded.SerializationCoverage(clusterSize);
            for (long offset = 0; offset < size; )
            {
                var part = new ByteRange(offset, Math.Min(coverage, size - offset));
                var cluster = new byte[clusterSize];
                Array.Fill(cluster, (byte)0xEE);
                var used = pair.Real.Serialize(part, cluster);
                Assert.Equal(pair.Real.SerializedSize(part), used);
                Assert.Equal(expected[..used], cluster.AsSpan(0, used));
                Assert.False(cluster.AsSpan(used).ContainsAnyExcept((byte)0));
                expected = expected[used..];
                Load(loaded, part, cluster, pair.Real);
                offset = part.End;
            }
            Assert.True(expected.IsEmpty);
            Assert.Null(loaded.Disagreement());
            Assert.Equal(pair.Real.Sha256Hex(), loaded.Sha256Hex());
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(pair.Model.Bytes())), loaded.Sha256Hex());
        }
    }

    [Fact]
    public void Bits_stored_behind_the_end_are_not_believed()
    {
        using var bitmap = new HierarchicalBitmap((70 * 512) + 1, 9);
        var hostile = new byte[4096];
        Array.Fill(hostile, (byte)0xFF);
        bitmap.Deserialize(new ByteRange(0, bitmap.SizeBytes), hostile);
        Assert.Equal(71, bitmap.CountBits);
        Assert.Null(bitmap.Disagreement());
        hostile.AsSpan(0, 8).Clear();
        hostile[8] = 0x80;
        bitmap.Deserialize(new ByteRange(0, bitmap.SizeBytes), hostile);
        Assert.True(bitmap.IsEmpty);
        Assert.Null(bitmap.Disagreement());
    }

    [Fact]
    public void Data_may_end_at_the_last_byte_that_holds_a_bit()
    {
        using var bitmap = new HierarchicalBitmap(12 * 512, 9);
        Assert.Equal(2, bitmap.ContentBytes);
        bitmap.Deserialize(new ByteRange(0, bitmap.SizeBytes), [0x01, 0x08]);
        Assert.Equal((2, 11 * 512), (bitmap.CountBits, bitmap.FindNextDirty(512, long.MaxValue)));
        _ = Assert.Throws<BrokenInvariant>(() => bitmap.Deserialize(new ByteRange(0, bitmap.SizeBytes), [0x01]));
    }

    [Fact]
    public void A_piece_replaces_its_own_bits_only()
    {
        using var bitmap = new HierarchicalBitmap(1 << 20, 9);
        bitmap.SetAll();
        var part = new ByteRange(bitmap.SerializationAlignment, bitmap.SerializationAlignment);
        bitmap.DeserializeZeroes(part);
        Assert.Equal((part.Offset, part.End), (bitmap.FindNextZero(0, 1 << 20), bitmap.FindNextDirty(part.Offset, 1 << 20)));
        bitmap.Clear();
        bitmap.DeserializeOnes(part);
        Assert.True(bitmap.NextDirtyArea(0, 1 << 20, long.MaxValue, out var area));
        Assert.Equal(part, area);
        Assert.Equal(64, bitmap.CountBits);
    }

    [Fact]
    public void A_piece_must_begin_and_end_at_whole_words_or_the_end()
    {
        using var bitmap = new HierarchicalBitmap(1 << 20, 9);
        _ = Assert.Throws<BrokenInvariant>(() => bitmap.SerializedSize(new ByteRange(512, 64 * 512)));
        _ = Assert.Throws<BrokenInvariant>(() => bitmap.SerializedSize(new ByteRange(0, 65 * 512)));
        _ = Assert.Throws<BrokenInvariant>(() => bitmap.Serialize(new ByteRange(0, 1 << 20), new byte[255]));
    }

    [Fact]
    public void The_coverage_of_much_data_does_not_overflow()
    {
        using var bitmap = new HierarchicalBitmap(1 << 20, 31);
        Assert.Equal(2L << 20 << 31 << 3, bitmap.SerializationCoverage(2 << 20));
        Assert.Equal(long.MaxValue, bitmap.SerializationCoverage(1L << 40));
    }

    private static void Load(HierarchicalBitmap target, ByteRange part, byte[] cluster, HierarchicalBitmap source)
    {
        if (source.IsAllZero(part))
        {
            target.DeserializeZeroes(part);
        }
        else if (source.IsAllOnes(part))
        {
            target.DeserializeOnes(part);
        }
        else
        {
            target.Deserialize(part, cluster);
        }
    }
}
