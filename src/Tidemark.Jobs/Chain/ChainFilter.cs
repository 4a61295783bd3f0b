using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;
using Tidemark.Core.Units;

namespace Tidemark.Jobs.Chain;

/// <summary>
/// The filter that a stream or commit puts into a backing chain for as long as it lasts. Requests pass; what it is there for are
/// its permissions, and that users stand above it and not in the job's way. Queries know it by the reference's names.
/// </summary>
internal sealed class ChainFilter : BlockDriver
{
    /// <summary>Above the node that is streamed into.</summary>
    public static readonly DriverDefinition CopyOnRead = Define("copy-on-read", "file");

    /// <summary>Above the node that is committed: what lies below changes under those who read through it, and they bear it.</summary>
    public static readonly DriverDefinition CommitTop = Define("commit_top", "backing");

    private readonly BlockChild child;

    private ChainFilter(BlockNode node, BlockChild child)
        : base(node)
    {
        this.child = child;
    }

    /// <inheritdoc/>
    public override long SizeBytes => child.SizeBytes;

    /// <inheritdoc/>
    public override BlockLimits Limits => child.Node.Limits;

    /// <inheritdoc/>
    public override int ClusterSize => child.Node.Driver.ClusterSize;

    /// <inheritdoc/>
    public override bool SupportsFua => child.Node.Driver.SupportsFua;

    /// <inheritdoc/>
    public override bool SupportsCompression => child.Node.Driver.SupportsCompression;

    /// <inheritdoc/>
    public override string? ExactFilename => IsCommitTop ? base.ExactFilename : null;

    private bool IsCommitTop => ReferenceEquals(Node.Definition, CommitTop);

    /// <summary>Puts a filter above <paramref name="below"/>, between it and all its users. Throws <see cref="BlockException"/> with all as before.</summary>
    public static async ValueTask<BlockNode> InsertAsync(DriverDefinition kind, BlockNode below, string? name)
    {
        var graph = below.Graph;
        var options = new JsonObject
        {
            { kind.ChildNames[0], new JsonString(below.Name) },
            { "read-only", ReferenceEquals(kind, CommitTop) ? JsonBool.True : JsonBool.False },
            // Discards are for the image to refuse.
            { "discard", new JsonString("unmap") },
        };
        if (name is not null)
        {
            options["node-name"] = new JsonString(name);
        }
        var inserted = await graph.OpenInternalAsync(kind, options);
        try
        {
            await using var edit = await graph.EditAsync(below);
            edit.MoveParents(below, inserted, static _ => false);
            edit.Commit();
        }
        catch (BlockException)
        {
            await graph.ReleaseAsync(inserted);
            throw;
        }
        return inserted;
    }

    /// <summary>Takes the filter away: its users use <paramref name="heir"/> from now on.</summary>
    public static async ValueTask RemoveAsync(BlockNode filter, BlockNode heir)
    {
        await using (var edit = await filter.Graph.EditAsync(filter))
        {
            edit.MoveParents(filter, heir, static _ => false);
            edit.Commit();
        }
        await filter.Graph.ReleaseAsync(filter);
    }

    /// <inheritdoc/>
    public override ChildPermissions GetChildPermissions(BlockChild child, BlockPermissions required, BlockPermissions shared)
    {
        if (IsCommitTop)
        {
            return new(BlockPermissions.None, BlockPermissions.All);
        }
        var (below, bears) = ChildPermissions.ForFilter(required, shared);
        return new(below | BlockPermissions.WriteUnchanged, bears);
    }

    /// <inheritdoc/>
    public override ValueTask<IoStatus> ReadAsync(ByteRange range, Memory<byte> target, RequestFlags flags) =>
        child.ReadAsync(range, target, flags);

    /// <inheritdoc/>
    public override ValueTask<IoStatus> WriteAsync(ByteRange range, ReadOnlyMemory<byte> data, RequestFlags flags) =>
        child.WriteAsync(range, data, flags);

    /// <inheritdoc/>
    public override ValueTask<IoStatus> WriteZeroesAsync(ByteRange range, RequestFlags flags) =>
        child.WriteZeroesAsync(range, flags);

    /// <inheritdoc/>
    public override ValueTask<IoStatus> DiscardAsync(ByteRange range) => child.DiscardAsync(range);

    /// <inheritdoc/>
    public override HostPlace? FindHostPlace(ByteRange range) => child.Node.Driver.FindHostPlace(range);

    /// <inheritdoc/>
    public override ValueTask<BlockStatus> BlockStatusAsync(ByteRange range, bool wantZero) =>
        new(
            new BlockStatus(
                IoStatus.Ok,
                BlockStatusFlags.Raw | BlockStatusFlags.OffsetValid,
                range.Length,
                range.Offset,
                child.Node
            )
        );

    private static DriverDefinition Define(string name, string childName) =>
        DriverDefinition.For(
            name,
            DriverKind.Filter,
            static () => ChainFilterOptions.Codec,
            async (context, _) =>
            {
                var below = await context.AttachChildAsync(childName, ChildRole.Filtered | ChildRole.Primary);
                return (BlockDriver)new ChainFilter(context.Node, below);
            }
        ) with
        {
            ChildNames = [childName],
        };
}

/// <summary>Options of <see cref="ChainFilter"/>: the node below, under the name that the edge has.</summary>
[Schema]
internal sealed partial record ChainFilterOptions(string? File = null, string? Backing = null);
