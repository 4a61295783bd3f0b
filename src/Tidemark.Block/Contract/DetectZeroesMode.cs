namespace Tidemark.Block.Contract;

/// <summary>Whether writes of zeroes are recognised.</summary>
public enum DetectZeroesMode
{
    /// <summary>No.</summary>
    Off,

    /// <summary>They become zero writes.</summary>
    On,

    /// <summary>They become zero writes that may deallocate.</summary>
    Unmap,
}
