using Tidemark.Core.Schema;
using Tidemark.Io.Contract;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Descriptors;

/// <summary>add-fd: keeps the descriptor that came with the request in a set, whose path is /dev/fdset/NUMBER.</summary>
internal sealed partial class AddFd(IoEngine engine, PassedDescriptors passed)
    : QmpCommand<AddFd.Arguments, AddFd.Added>("add-fd", Arguments.Codec, Added.Codec)
{
    /// <summary>What it takes: the set, by default a new one, and words for whoever asks later.</summary>
    [Schema]
    internal sealed partial record Arguments(long? FdsetId = null, string? Opaque = null);

    /// <summary>What it gives: the set, and the number of the descriptor in this process.</summary>
    [Schema(Name = "AddfdInfo")]
    internal sealed partial record Added(long FdsetId, long Fd);

    /// <inheritdoc/>
    protected override ValueTask<Added> RunAsync(Arguments arguments)
    {
        var descriptor = passed.Take();
        var set = engine.RequireDescriptors().Sets.Add(arguments.FdsetId, descriptor, arguments.Opaque);
        return new(new Added(set, descriptor));
    }
}
