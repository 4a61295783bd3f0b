using Tidemark.Block.Graph;

namespace Tidemark.Jobs;

/// <summary>What a job is made in.</summary>
/// <param name="Graph">The nodes.</param>
/// <param name="Jobs">The jobs.</param>
public sealed record JobContext(BlockGraph Graph, JobRegistry Jobs);
