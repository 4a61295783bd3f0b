namespace Tidemark.Block.Copy.Mirror;

/// <summary>What a mirror copies to begin with; what is written meanwhile it always copies.</summary>
public enum MirrorStart
{
    /// <summary>All of the source: the target's content is of no account.</summary>
    Everything,

    /// <summary>What the source's images above the base have; the rest of the target is right already.</summary>
    Allocated,

    /// <summary>Nothing.</summary>
    Nothing,
}
