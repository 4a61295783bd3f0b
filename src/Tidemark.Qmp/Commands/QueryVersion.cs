using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Wire;

namespace Tidemark.Qmp.Commands;

/// <summary>query-version: what the greeting told.</summary>
public sealed class QueryVersion(QmpVersion version)
    : QmpCommand<NoArguments, QmpVersion>("query-version", NoArguments.Codec, QmpVersion.Codec)
{
    /// <inheritdoc/>
    protected override ValueTask<QmpVersion> RunAsync(NoArguments arguments) => new(version);
}
