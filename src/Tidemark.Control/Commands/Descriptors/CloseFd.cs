using Tidemark.Core.Schema;
using Tidemark.Io.Contract;
using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Commands.Descriptors;

/// <summary>closefd: closes a descriptor that getfd kept and nobody took.</summary>
internal sealed partial class CloseFd(IoEngine engine) : QmpCommand<CloseFd.Arguments>("closefd", Arguments.Codec)
{
    /// <summary>What it takes.</summary>
    [Schema]
    internal sealed partial record Arguments([Wire("fdname")] string Name);

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments) =>
        engine.RequireDescriptors().Close(arguments.Name)
            ? ValueTask.CompletedTask
            : throw new QmpException($"File descriptor named '{arguments.Name}' not found");
}
