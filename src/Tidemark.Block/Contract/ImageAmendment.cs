using Tidemark.Block.Graph;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;

namespace Tidemark.Block.Contract;

/// <summary>How a driver changes the options of an image that is open (x-blockdev-amend).</summary>
public sealed record ImageAmendment
{
    /// <summary>Reads QMP's BlockdevAmendOptions of this driver strictly (without the member "driver").</summary>
    public required Func<JsonObject, object> ParseOptions { get; init; }

    /// <summary>The schema of those options, by which arguments are checked before the job begins.</summary>
    public required SchemaCodec Options { get; init; }

    /// <summary>Does what <see cref="ParseOptions"/> gave; with true even if that may lose data. Throws <see cref="Core.Errors.BlockException"/>.</summary>
    public required Func<BlockNode, object, bool, ValueTask> AmendAsync { get; init; }
}
