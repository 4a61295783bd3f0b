using Tidemark.Block.Graph;
using Tidemark.Core.Async;

namespace Tidemark.Jobs.Create;

/// <summary>Changes the options of an image that is open (x-blockdev-amend). Its node stays until the job is dismissed.</summary>
public sealed class AmendJob : CreateJob
{
    private readonly BlockNode node;

    /// <summary>A job that is not registered yet; <paramref name="work"/> throws <see cref="Core.Errors.BlockException"/>.</summary>
    public AmendJob(JobRegistry registry, string id, BlockNode node, Func<ValueTask> work)
        : base(registry, id, work)
    {
        this.node = node;
    }

    /// <inheritdoc/>
    public override string Type => "amend";

    /// <summary>Registers the job, which throws as that does, and starts it.</summary>
    public void Begin()
    {
        Register();
        node.AddReference();
        Start();
    }

    /// <inheritdoc/>
    protected override void OnGone() => LoopContext.Launch(async () => await node.Graph.ReleaseAsync(node));
}
