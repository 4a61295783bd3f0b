using Tidemark.Control.Queries;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Block;

/// <summary>
/// query-block: the machine's drives, or every exported node as a device, with its bitmaps both where the reference has them now (inserted.dirty-bitmaps) and
/// where earlier versions had them (dirty-bitmaps, with a status). Contract B5, Q6.
/// </summary>
internal sealed class QueryBlock(ControlContext context)
    : QmpCommand<NoArguments, IReadOnlyList<DeviceInfo>>("query-block", NoArguments.Codec, SchemaCodec.List(DeviceInfo.Codec))
{
    /// <inheritdoc/>
    protected override ValueTask<IReadOnlyList<DeviceInfo>> RunAsync(NoArguments arguments) =>
        new([.. ExportedDevices.Of(context).Select(DeviceInfo.Of)]);
}
