using Tidemark.Control.Objects;
using Tidemark.Control.Objects.Qom;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Machine;

/// <summary>query-iothreads: the iothread objects. Their users stay on the main loop, so that the thread told is that one.</summary>
internal sealed partial class QueryIothreads(ObjectRegistry objects)
    : QmpCommand<NoArguments, IReadOnlyList<QueryIothreads.ThreadInfo>>(
        "query-iothreads",
        NoArguments.Codec,
        SchemaCodec.List(ThreadInfo.Codec)
    )
{
    /// <summary>An object; times in nanoseconds.</summary>
    [Schema(Name = "IOThreadInfo")]
    internal sealed partial record ThreadInfo(
        string Id,
        long ThreadId,
        long PollMaxNs,
        long PollGrow,
        long PollShrink,
        long AioMaxBatch
    );

    /// <inheritdoc/>
    protected override ValueTask<IReadOnlyList<ThreadInfo>> RunAsync(NoArguments arguments) =>
        new([
            .. objects
                .All.OfType<ObjectOptions.Iothread>()
                .Select(static thread => new ThreadInfo(
                    thread.Id,
                    Environment.ProcessId,
                    thread.PollMaxNs ?? QomTypes.DefaultPollMaxNs,
                    thread.PollGrow ?? 0,
                    thread.PollShrink ?? 0,
                    thread.AioMaxBatch ?? 0
                )),
        ]);
}
