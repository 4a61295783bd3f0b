namespace Tidemark.Cli.Tests;

/// <summary>
/// Tests that open images in this process and start others beside it. Run at the same time, a process being started could hold
/// on to a descriptor of ours, and with it a lock, for a moment.
/// </summary>
[CollectionDefinition(nameof(OneAtATime), DisableParallelization = true)]
public sealed class OneAtATime;
