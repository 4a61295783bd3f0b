using Tidemark.Core.Schema;
using Tidemark.Io.Contract;
using Tidemark.Io.Descriptors;
using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Commands.Descriptors;

/// <summary>getfd: keeps the descriptor that came with the request, under a name.</summary>
internal sealed partial class GetFd(IoEngine engine, PassedDescriptors passed)
    : QmpCommand<GetFd.Arguments>("getfd", Arguments.Codec)
{
    /// <summary>What it takes.</summary>
    [Schema]
    internal sealed partial record Arguments([Wire("fdname")] string Name);

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments)
    {
        var descriptor = passed.Take();
        if (arguments.Name.Length > 0 && char.IsAsciiDigit(arguments.Name[0]))
        {
            DescriptorStore.Discard(descriptor);
            throw new QmpException("Parameter 'fdname' expects a name not starting with a digit");
        }
        engine.RequireDescriptors().Put(arguments.Name, descriptor);
        return ValueTask.CompletedTask;
    }
}
