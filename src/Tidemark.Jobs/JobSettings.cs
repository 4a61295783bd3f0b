namespace Tidemark.Jobs;

/// <summary>What every job is started with.</summary>
/// <param name="Id">Its id; checked when it is registered.</param>
/// <param name="AutoFinalize">Takes the last step by itself, when all of its transaction are done.</param>
/// <param name="AutoDismiss">Goes away by itself, when all is over.</param>
public sealed record JobSettings(string Id, bool AutoFinalize = true, bool AutoDismiss = true);
