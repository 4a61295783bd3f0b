namespace Tidemark.Block.Contract;

/// <summary>What becomes of discards.</summary>
public enum DiscardMode
{
    /// <summary>They end at once and change nothing.</summary>
    Ignore,

    /// <summary>They are passed on.</summary>
    Unmap,
}
