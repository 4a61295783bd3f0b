namespace Tidemark.Fuzz;

/// <summary>
/// A parser under fire. It is fed bytes that began as something valid and were spoilt; anything but its own kind of error is a
/// finding: another exception, a broken invariant, memory without bound, an endless loop.
/// </summary>
internal abstract class FuzzTarget
{
    /// <summary>Name on the command line and of its folder of findings.</summary>
    public abstract string Name { get; }

    /// <summary>Most bytes of memory that one input may cost.</summary>
    public virtual long MemoryBound => 512L << 20;

    /// <summary>Valid inputs to begin with, made anew by each run.</summary>
    public abstract IReadOnlyList<byte[]> CreateSeeds();

    /// <summary>Takes one input. Throws for a finding only.</summary>
    public abstract void Run(byte[] input);
}
