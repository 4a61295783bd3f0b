namespace Tidemark.Block.Contract;

/// <summary>What a driver is in the graph.</summary>
public enum DriverKind
{
    /// <summary>Reaches storage itself: a file, a server, memory.</summary>
    Protocol,

    /// <summary>Interprets the bytes of a child.</summary>
    Format,

    /// <summary>Stands over a child of the same content.</summary>
    Filter,
}
