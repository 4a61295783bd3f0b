namespace Tidemark.Block.Contract;

/// <summary>
/// What an edge requires of the node below and what it shares with the node's other users. The two rules here serve all
/// drivers but the unusual.
/// </summary>
/// <param name="Required">What the user above does.</param>
/// <param name="Shared">What the user above can bear others doing.</param>
public readonly record struct ChildPermissions(BlockPermissions Required, BlockPermissions Shared)
{
    /// <summary>Nothing is done, and anything borne.</summary>
    public static readonly ChildPermissions Nothing = new(BlockPermissions.None, BlockPermissions.All);

    /// <summary>A filter passes on what its own users require and share.</summary>
    public static ChildPermissions ForFilter(BlockPermissions required, BlockPermissions shared) =>
        new(required & BlockPermissions.All, shared & BlockPermissions.All);

    /// <summary>
    /// A format's children: a backing file is only read, and may change only if the users above can bear it; where metadata
    /// lies, the format reads always, writes and resizes when it is writable, and lets nobody else do so.
    /// </summary>
    public static ChildPermissions ForFormat(ChildRole role, bool writable, BlockPermissions required, BlockPermissions shared)
    {
        if ((role & ChildRole.Cow) != 0)
        {
            var bears =
                (shared & BlockPermissions.Write) != 0 ? BlockPermissions.Write | BlockPermissions.Resize : BlockPermissions.None;
            return new(
                required & BlockPermissions.ConsistentRead,
                BlockPermissions.ConsistentRead | BlockPermissions.WriteUnchanged | bears
            );
        }
        (required, shared) = ForFilter(required, shared);
        if ((role & ChildRole.Metadata) != 0)
        {
            required |= BlockPermissions.ConsistentRead;
            if (writable)
            {
                required |= BlockPermissions.Write | BlockPermissions.Resize;
            }
            shared &= ~(BlockPermissions.Write | BlockPermissions.Resize);
        }
        if ((role & ChildRole.Data) != 0)
        {
            if (writable)
            {
                // Allocation writes to the data file whatever the guest does, and grows it.
                required |=
                    (required & (BlockPermissions.Write | BlockPermissions.WriteUnchanged)) != 0
                        ? BlockPermissions.Write | BlockPermissions.Resize
                        : BlockPermissions.None;
            }
            shared &= ~BlockPermissions.Resize;
            shared |= BlockPermissions.WriteUnchanged;
        }
        return new(required, shared);
    }
}
