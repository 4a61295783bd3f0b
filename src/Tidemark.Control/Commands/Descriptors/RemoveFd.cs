using Tidemark.Core.Schema;
using Tidemark.Io.Contract;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Descriptors;

/// <summary>remove-fd: closes a descriptor of a set, or all of them. Files opened from it stay open.</summary>
internal sealed partial class RemoveFd(IoEngine engine) : QmpCommand<RemoveFd.Arguments>("remove-fd", Arguments.Codec)
{
    /// <summary>What it takes.</summary>
    [Schema]
    internal sealed partial record Arguments(long FdsetId, long? Fd = null);

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments)
    {
        engine.RequireDescriptors().Sets.Remove(arguments.FdsetId, arguments.Fd);
        return ValueTask.CompletedTask;
    }
}
