using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Errors;
using Tidemark.Qmp.Wire;

namespace Tidemark.Qmp.Commands;

/// <summary>qmp_capabilities as the table describes it. Sessions handle it themselves, since it is about them alone.</summary>
public sealed class NegotiationDone() : QmpCommand<QmpCapabilitiesArguments>("qmp_capabilities", QmpCapabilitiesArguments.Codec)
{
    /// <inheritdoc/>
    protected override ValueTask RunAsync(QmpCapabilitiesArguments arguments) =>
        throw new QmpException(QmpErrorClass.CommandNotFound, "Capabilities negotiation is already complete, command ignored");
}
