using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Cli.StorageDaemon.Chardevs;

/// <summary>query-chardev: where monitors' clients come from.</summary>
internal sealed class QueryChardev(IReadOnlyCollection<Chardev> chardevs)
    : QmpCommand<NoArguments, IReadOnlyList<ChardevInfo>>("query-chardev", NoArguments.Codec, SchemaCodec.List(ChardevInfo.Codec))
{
    /// <inheritdoc/>
    protected override ValueTask<IReadOnlyList<ChardevInfo>> RunAsync(NoArguments arguments) =>
        new([.. chardevs.Select(static c => new ChardevInfo(c.IsTaken, c.Where, c.Id))]);
}
