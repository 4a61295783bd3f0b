using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Block.Graph;

/// <summary>
/// An edge of the graph: a parent's use of a node, under a name ("file", "backing", "root"), with permissions. Drivers and
/// backends reach a node only through theirs, so that nobody does what he has not asked for.
/// </summary>
public sealed class BlockChild
{
    internal BlockChild(IBlockParent parent, string name, ChildRole role, BlockNode node)
    {
        Parent = parent;
        Name = name;
        Role = role;
        Node = node;
    }

    /// <summary>Who uses.</summary>
    public IBlockParent Parent { get; }

    /// <summary>Under which name.</summary>
    public string Name { get; }

    /// <summary>As what.</summary>
    public ChildRole Role { get; internal set; }

    /// <summary>Which node; changes when the graph is edited.</summary>
    public BlockNode Node { get; internal set; }

    /// <summary>Whether a job relies on the edge as it is: see <see cref="BlockGraph.FreezeChain"/>.</summary>
    public bool IsFrozen { get; internal set; }

    /// <summary>What the parent does below.</summary>
    public BlockPermissions Required { get; internal set; }

    /// <summary>What the parent lets others do.</summary>
    public BlockPermissions Shared { get; internal set; } = BlockPermissions.All;

    /// <summary>Size of the node, bytes.</summary>
    public long SizeBytes => Node.SizeBytes;

    /// <inheritdoc cref="BlockNode.IsWatched"/>
    public bool IsWatched => Node.IsWatched;

    /// <inheritdoc cref="BlockNode.RaiseAsync"/>
    public ValueTask RaiseAsync(DebugEvent happening) => Node.RaiseAsync(happening);

    /// <inheritdoc cref="BlockNode.ReadAsync"/>
    public ValueTask<IoStatus> ReadAsync(ByteRange range, Memory<byte> target, RequestFlags flags = RequestFlags.None) =>
        Node.ReadAsync(range, target, flags);

    /// <inheritdoc cref="BlockNode.ReadKeepingAsync"/>
    public ValueTask<IoStatus> ReadKeepingAsync(ByteRange range, Memory<byte> target, RequestFlags flags)
    {
        RequireWrite(RequestFlags.WriteUnchanged);
        return Node.ReadKeepingAsync(range, target, flags);
    }

    /// <inheritdoc cref="BlockNode.WriteAsync"/>
    public ValueTask<IoStatus> WriteAsync(ByteRange range, ReadOnlyMemory<byte> data, RequestFlags flags = RequestFlags.None)
    {
        RequireWrite(flags);
        return Node.WriteAsync(range, data, flags);
    }

    /// <inheritdoc cref="BlockNode.WriteZeroesAsync"/>
    public ValueTask<IoStatus> WriteZeroesAsync(ByteRange range, RequestFlags flags = RequestFlags.None)
    {
        RequireWrite(flags);
        return Node.WriteZeroesAsync(range, flags);
    }

    /// <inheritdoc cref="BlockNode.DiscardAsync"/>
    public ValueTask<IoStatus> DiscardAsync(ByteRange range)
    {
        RequireWrite(RequestFlags.None);
        return Node.DiscardAsync(range);
    }

    /// <inheritdoc cref="BlockNode.FlushAsync"/>
    public ValueTask<IoStatus> FlushAsync() => Node.FlushAsync();

    /// <inheritdoc cref="BlockNode.BlockStatusAsync"/>
    public ValueTask<BlockStatus> BlockStatusAsync(ByteRange range, bool wantZero) => Node.BlockStatusAsync(range, wantZero);

    /// <inheritdoc cref="BlockNode.TruncateAsync"/>
    public ValueTask TruncateAsync(long sizeBytes, bool exact, PreallocationMode preallocation)
    {
        Invariant.That((Required & BlockPermissions.Resize) != 0, "who resizes has the permission");
        return Node.TruncateAsync(sizeBytes, exact, preallocation);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Parent.ParentDescription} -{Name}-> {Node.Name}";

    private void RequireWrite(RequestFlags flags)
    {
        var enough =
            (flags & RequestFlags.WriteUnchanged) != 0
                ? BlockPermissions.Write | BlockPermissions.WriteUnchanged
                : BlockPermissions.Write;
        Invariant.That((Required & enough) != 0, "who writes has the permission");
    }
}
