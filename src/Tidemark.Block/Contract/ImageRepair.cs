namespace Tidemark.Block.Contract;

/// <summary>What a check mends.</summary>
[Flags]
public enum ImageRepair
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Leaked clusters.</summary>
    Leaks = 1,

    /// <summary>Wrong references and refcounts.</summary>
    Errors = 2,
}
