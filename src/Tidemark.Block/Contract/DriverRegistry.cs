using System.Diagnostics.CodeAnalysis;
using Tidemark.Core.Errors;

namespace Tidemark.Block.Contract;

/// <summary>The drivers that a process has, by name. Filled once at start-up.</summary>
public sealed class DriverRegistry
{
    private readonly Dictionary<string, DriverDefinition> byName = new(StringComparer.Ordinal);
    private readonly List<DriverDefinition> inOrder = [];

    /// <summary>All drivers, in the order of registration.</summary>
    public IReadOnlyList<DriverDefinition> All => inOrder;

    /// <summary>Adds a driver; its name must be new.</summary>
    public void Add(DriverDefinition definition)
    {
        byName.Add(definition.Name, definition);
        inOrder.Add(definition);
    }

    /// <summary>Whether there is a driver of this name.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out DriverDefinition? definition) =>
        byName.TryGetValue(name, out definition);

    /// <summary>The driver of this name; throws "Unknown driver 'x'".</summary>
    public DriverDefinition Require(string name) =>
        byName.TryGetValue(name, out var definition)
            ? definition
            : throw new BlockException(BlockErrorKind.NotFound, $"Unknown driver '{name}'");

    /// <summary>The protocol that the file name's prefix or what it leads to stands for, or null for the path of a plain file.</summary>
    public DriverDefinition? FindByFilename(string filename) =>
        inOrder.Find(d => d.FilenamePrefixes.Any(prefix => filename.StartsWith(prefix, StringComparison.Ordinal)))
        ?? inOrder.Find(d => d.ClaimsFilename?.Invoke(filename) == true);

    /// <summary>The format that is surest of a file beginning with <paramref name="head"/>; null if none is.</summary>
    public DriverDefinition? ProbeFormat(ReadOnlyMemory<byte> head, string filename)
    {
        DriverDefinition? best = null;
        var bestScore = 0;
        foreach (var definition in inOrder)
        {
            var score = definition.Probe?.Invoke(head, filename) ?? 0;
            if (score > bestScore)
            {
                (best, bestScore) = (definition, score);
            }
        }
        return best;
    }
}
