using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Qmp.Commands;

/// <summary>query-commands: the names of all commands, the newest first as the reference lists them.</summary>
public sealed class QueryCommands(QmpCommandTable table)
    : QmpCommand<NoArguments, IReadOnlyList<CommandInfo>>(
        "query-commands",
        NoArguments.Codec,
        SchemaCodec.List(CommandInfo.Codec)
    )
{
    /// <inheritdoc/>
    protected override ValueTask<IReadOnlyList<CommandInfo>> RunAsync(NoArguments arguments) =>
        new([.. table.Commands.Reverse().Select(command => new CommandInfo(command.Name))]);
}
