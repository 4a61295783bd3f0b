using Tidemark.Core.Json;
using Tidemark.Core.Schema;

namespace Tidemark.Block.Contract;

/// <summary>How a driver makes images: as blockdev-create asks for it, and as qemu-img create does.</summary>
public sealed record ImageCreation
{
    /// <summary>Reads QMP's BlockdevCreateOptions of this driver strictly (without the member "driver").</summary>
    public required Func<JsonObject, object> ParseOptions { get; init; }

    /// <summary>The schema of those options, by which blockdev-create's arguments are checked before the job begins; null if it has none.</summary>
    public SchemaCodec? Options { get; init; }

    /// <summary>Makes the image from what <see cref="ParseOptions"/> gave, on a node that exists (blockdev-create). Throws <see cref="Core.Errors.BlockException"/>.</summary>
    public required Func<Graph.BlockGraph, object, ValueTask> CreateAsync { get; init; }

    /// <summary>The options of "-o" on command lines.</summary>
    public IReadOnlyList<CreateOption> CommandLineOptions { get; init; } = [];

    /// <summary>
    /// Makes the image in a file of this name, the file included, from "-o" options (strings, checked against
    /// <see cref="CommandLineOptions"/>). Throws <see cref="Core.Errors.BlockException"/>.
    /// </summary>
    public required Func<Graph.BlockGraph, string, JsonObject, ValueTask> CreateFileAsync { get; init; }
}
