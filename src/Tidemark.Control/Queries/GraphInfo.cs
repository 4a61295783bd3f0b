using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Queries;

/// <summary>The whole graph as x-debug-query-block-graph shows it (XDbgBlockGraph): who there is, and who uses whom how.</summary>
[Schema(Name = "XDbgBlockGraph")]
internal sealed partial record GraphInfo(IReadOnlyList<GraphMember> Nodes, IReadOnlyList<GraphLink> Edges)
{
    /// <summary>Describes the graph. Numbers go by who is met first: backends with their nodes, then jobs, then nodes, the oldest first; lists run backwards.</summary>
    public static GraphInfo Of(BlockGraph graph)
    {
        var numbers = new Dictionary<object, long>();
        List<GraphMember> members = [];
        List<GraphLink> links = [];
        foreach (var backend in graph.Backends.Where(static backend => backend.JobId is null))
        {
            Add(backend, GraphMemberKind.BlockBackend, backend.Label);
            if (backend.HasMedium)
            {
                Link(backend, backend.Root);
            }
        }
        foreach (
            var job in graph
                .Backends.Where(static backend => backend.JobId is not null)
                .GroupBy(static b => b.JobId!, StringComparer.Ordinal)
                .Reverse()
        )
        {
            Add(job.Key, GraphMemberKind.BlockJob, job.Key);
            foreach (var hold in job.Reverse())
            {
                Link(job.Key, hold.Root);
            }
        }
        foreach (var node in graph.Nodes.Where(static node => node.IsOpen))
        {
            Add(node, GraphMemberKind.BlockDriver, node.Name);
            foreach (var edge in node.Children.Reverse())
            {
                Link(node, edge);
            }
        }
        members.Reverse();
        links.Reverse();
        return new(members, links);

        long NumberOf(object who)
        {
            if (!numbers.TryGetValue(who, out var number))
            {
                numbers.Add(who, number = numbers.Count + 1);
            }
            return number;
        }
        void Add(object who, GraphMemberKind kind, string name) => members.Add(new(NumberOf(who), kind, name));
        void Link(object parent, BlockChild edge) =>
            links.Add(new(NumberOf(parent), NumberOf(edge.Node), edge.Name, List(edge.Required), List(edge.Shared)));
    }

    private static IReadOnlyList<BlockPermission> List(BlockPermissions permissions)
    {
        List<BlockPermission> list = [];
        Add(BlockPermissions.Resize, BlockPermission.Resize);
        Add(BlockPermissions.WriteUnchanged, BlockPermission.WriteUnchanged);
        Add(BlockPermissions.Write, BlockPermission.Write);
        Add(BlockPermissions.ConsistentRead, BlockPermission.ConsistentRead);
        return list;

        void Add(BlockPermissions one, BlockPermission word)
        {
            if ((permissions & one) != 0)
            {
                list.Add(word);
            }
        }
    }
}

/// <summary>Somebody in the graph (XDbgBlockGraphNode).</summary>
[Schema(Name = "XDbgBlockGraphNode")]
internal sealed partial record GraphMember(long Id, GraphMemberKind Type, string Name);

/// <summary>A use of a node by somebody (XDbgBlockGraphEdge).</summary>
[Schema(Name = "XDbgBlockGraphEdge")]
internal sealed partial record GraphLink(
    long Parent,
    long Child,
    string Name,
    IReadOnlyList<BlockPermission> Perm,
    IReadOnlyList<BlockPermission> SharedPerm
);

/// <summary>What somebody in the graph is (XDbgBlockGraphNodeType).</summary>
[Schema(Name = "XDbgBlockGraphNodeType")]
internal enum GraphMemberKind
{
    BlockBackend,
    BlockJob,
    BlockDriver,
}

/// <summary>One permission (BlockPermission).</summary>
[Schema]
internal enum BlockPermission
{
    ConsistentRead,
    Write,
    WriteUnchanged,
    Resize,
}
