using System.Runtime.InteropServices;
using Tidemark.Core.Units;

namespace Tidemark.Simulation.Tests;

/// <summary>
/// A disk as the model sees it: cells of 128 bytes, each filled with the number of the write that made it, 0 for zeroes. So a cell
/// tells who wrote it last, and one that mixes two writes is seen at once.
/// </summary>
internal static class Cells
{
    public const int Bytes = 128;

    private const int Words = Bytes / sizeof(uint);

    /// <summary>The bytes of some cells.</summary>
    public static ByteRange RangeOf(int first, int count) => new((long)first * Bytes, (long)count * Bytes);

    /// <summary>What a write of <paramref name="count"/> cells sends.</summary>
    public static byte[] Fill(uint version, int count)
    {
        var data = new byte[count * Bytes];
        MemoryMarshal.Cast<byte, uint>(data.AsSpan()).Fill(version);
        return data;
    }

    /// <summary>The bytes of cells of many versions.</summary>
    public static byte[] ToBytes(uint[] versions)
    {
        var data = new byte[versions.Length * Bytes];
        var words = MemoryMarshal.Cast<byte, uint>(data.AsSpan());
        for (var i = 0; i < versions.Length; i++)
        {
            words.Slice(i * Words, Words).Fill(versions[i]);
        }
        return data;
    }

    /// <summary>Which write made each cell. Fails for a cell of two.</summary>
    public static uint[] Read(ReadOnlySpan<byte> data, string what)
    {
        var words = MemoryMarshal.Cast<byte, uint>(data);
        var versions = new uint[data.Length / Bytes];
        for (var i = 0; i < versions.Length; i++)
        {
            var cell = words.Slice(i * Words, Words);
            versions[i] = cell[0];
            Assert.False(cell.ContainsAnyExcept(cell[0]), $"{what}: cell {i} is a mixture");
        }
        return versions;
    }
}
