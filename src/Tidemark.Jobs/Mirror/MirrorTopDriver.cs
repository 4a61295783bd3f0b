using Tidemark.Block.Contract;
using Tidemark.Block.Copy.Mirror;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;
using Tidemark.Core.Units;

namespace Tidemark.Jobs.Mirror;

/// <summary>
/// Driver "mirror_top": the filter that a mirror keeps between its source and the source's users. It lets the job see what guests
/// write, and it is the place where they are moved over to the target. No user can open a node of it.
/// </summary>
internal sealed class MirrorTopDriver : PassThroughDriver
{
    public static readonly DriverDefinition Definition = DriverDefinition.For(
        "mirror_top",
        DriverKind.Filter,
        static () => MirrorTopOptions.Codec,
        static async (context, _) =>
            new MirrorTopDriver(context.Node, await context.AttachChildAsync("backing", ChildRole.Filtered | ChildRole.Primary))
    ) with
    {
        ChildNames = ["backing"],
    };

    private MirrorTopDriver(BlockNode node, BlockChild below)
        : base(node, below) { }

    /// <summary>The mirror that is told of guests' writes; null before it is made.</summary>
    public MirrorCopy? Copy { get; set; }

    /// <summary>Whether the source's own images are the target: what is in them is then no longer consistent by itself.</summary>
    public bool IsCommit { get; set; }

    /// <summary>Whether nobody may write to the source past it: guests' writes go to both sides.</summary>
    public bool MustSeeAll { get; set; }

    /// <summary>Whether the job has done with it: it asks for nothing any more.</summary>
    public bool IsRetired { get; set; }

    // What lies behind the end has no place in the job's bitmap.
    public override bool CanGrow => false;

    public override bool SupportsCompression => false;

    public override string? ExactFilename => NodeFilename.Of(Below.Node);

    public override HostPlace? FindHostPlace(ByteRange range) => Below.Node.Driver.FindHostPlace(range);

    public override ChildPermissions GetChildPermissions(BlockChild child, BlockPermissions required, BlockPermissions shared)
    {
        if (IsRetired)
        {
            return new(BlockPermissions.None, BlockPermissions.All);
        }
        var (below, bears) = ChildPermissions.ForFilter(required, shared);
        if (IsCommit)
        {
            below &= ~BlockPermissions.ConsistentRead;
        }
        if (MustSeeAll)
        {
            bears &= ~(BlockPermissions.Write | BlockPermissions.Resize);
        }
        return new(below, bears);
    }

    public override ValueTask<IoStatus> WriteAsync(ByteRange range, ReadOnlyMemory<byte> data, RequestFlags flags) =>
        Copy is { } copy ? copy.WriteAsync(range, data, flags) : Below.WriteAsync(range, data, flags);

    public override ValueTask<IoStatus> WriteZeroesAsync(ByteRange range, RequestFlags flags) =>
        Copy is { } copy ? copy.WriteZeroesAsync(range, flags) : Below.WriteZeroesAsync(range, flags);

    public override ValueTask<IoStatus> DiscardAsync(ByteRange range) =>
        Copy is { } copy ? copy.DiscardAsync(range) : Below.DiscardAsync(range);
}
