using Tidemark.Fuzz.Targets;

namespace Tidemark.Fuzz;

/// <summary>All targets: the one list to add a new one to.</summary>
internal static class FuzzTargets
{
    /// <summary>In the order in which "all" runs them.</summary>
    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new JsonMessages(),
        new JsonOptions(),
        new KeyvalOptions(),
        new Qcow2Open(),
        new Qcow2Check(),
        new Qcow2Compressed(),
        new Qcow2Snapshots(),
        new BitmapDirectories(),
        new NbdServing(),
        new NbdClients(),
        new QmpLines(),
        new MigrationStreams(),
    ];
}
