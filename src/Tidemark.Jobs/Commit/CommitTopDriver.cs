using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;
using Tidemark.Core.Units;
using Tidemark.Jobs.Chain;

namespace Tidemark.Jobs.Commit;

/// <summary>
/// Driver "commit_top": the filter above the node that is committed. What lies below changes under those who read through it, and
/// they bear it: it asks for nothing. No user can open a node of it.
/// </summary>
internal sealed class CommitTopDriver : PassThroughDriver
{
    private static readonly DriverDefinition Definition = DriverDefinition.For(
        "commit_top",
        DriverKind.Filter,
        static () => CommitTopOptions.Codec,
        static async (context, _) =>
            new CommitTopDriver(context.Node, await context.AttachChildAsync("backing", ChildRole.Filtered | ChildRole.Primary))
    ) with
    {
        ChildNames = ["backing"],
    };

    private CommitTopDriver(BlockNode node, BlockChild below)
        : base(node, below) { }

    public override bool SupportsCompression => false;

    public override string? ExactFilename => Below.Node.Driver.ExactFilename;

    public override HostPlace? FindHostPlace(ByteRange range) => Below.Node.Driver.FindHostPlace(range);

    /// <summary>Puts the filter above <paramref name="below"/>. Throws <see cref="Core.Errors.BlockException"/> with all as before.</summary>
    public static async ValueTask<BlockNode> InsertAsync(BlockNode below, string? name)
    {
        var options = ChainFilter.Describe("backing", below, name);
        options["read-only"] = JsonBool.True;
        return await ChainFilter.InsertAsync(await below.Graph.OpenInternalAsync(Definition, options), below);
    }

    public override ChildPermissions GetChildPermissions(BlockChild child, BlockPermissions required, BlockPermissions shared) =>
        new(BlockPermissions.None, BlockPermissions.All);
}

/// <summary>Options of the filter, which only its job opens.</summary>
[Schema]
internal sealed partial record CommitTopOptions(BlockdevRef Backing);
