namespace Tidemark.Block.Accounting;

/// <summary>The kinds of request that are told apart when a device's requests are counted.</summary>
public enum AccountedOperation
{
    /// <summary>A read.</summary>
    Read,

    /// <summary>A write, of data or of zeroes.</summary>
    Write,

    /// <summary>A flush.</summary>
    Flush,

    /// <summary>A discard.</summary>
    Unmap,
}
