using Tidemark.Block.Contract;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Schema;

/// <summary>Whether writes of zeroes are recognised (BlockdevDetectZeroesOptions).</summary>
[Schema(Name = "BlockdevDetectZeroesOptions")]
internal enum BlockdevDetectZeroes
{
    Off,
    On,
    Unmap,
}

/// <summary>From the graph's terms to the wire's.</summary>
internal static class BlockdevDetectZeroesOf
{
    public static BlockdevDetectZeroes Mode(DetectZeroesMode mode) =>
        mode switch
        {
            DetectZeroesMode.On => BlockdevDetectZeroes.On,
            DetectZeroesMode.Unmap => BlockdevDetectZeroes.Unmap,
            _ => BlockdevDetectZeroes.Off,
        };
}
