using Tidemark.Core.Schema;
using Tidemark.Io.Contract;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Descriptors;

/// <summary>query-fdsets: the sets that add-fd made.</summary>
internal sealed partial class QueryFdsets(IoEngine engine)
    : QmpCommand<NoArguments, IReadOnlyList<QueryFdsets.SetInfo>>(
        "query-fdsets",
        NoArguments.Codec,
        SchemaCodec.List(SetInfo.Codec)
    )
{
    /// <summary>A set.</summary>
    [Schema(Name = "FdsetInfo")]
    internal sealed partial record SetInfo(long FdsetId, IReadOnlyList<DescriptorInfo> Fds);

    /// <summary>A descriptor in it, by its number in this process.</summary>
    [Schema(Name = "FdsetFdInfo")]
    internal sealed partial record DescriptorInfo(long Fd, string? Opaque = null);

    /// <inheritdoc/>
    protected override ValueTask<IReadOnlyList<SetInfo>> RunAsync(NoArguments arguments) =>
        new([
            .. engine
                .RequireDescriptors()
                .Sets.All.Select(static set => new SetInfo(
                    set.Id,
                    [.. set.Descriptors.Select(static d => new DescriptorInfo(d.Number, d.Opaque))]
                )),
        ]);
}
