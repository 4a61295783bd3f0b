using Tidemark.Control.Schema;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;
using Tidemark.Jobs.Create;
using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Commands.Block;

/// <summary>blockdev-create: a job that makes an image. What goes wrong in it shows in query-jobs.</summary>
internal sealed partial class BlockdevCreate(ControlContext context)
    : QmpCommand<BlockdevCreate.Arguments>("blockdev-create", Arguments.Codec)
{
    /// <summary>What it takes.</summary>
    [Schema]
    internal sealed partial record Arguments(string JobId, [Late(BlockdevCreateOptionsCodec.Name)] JsonObject Options);

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments)
    {
        var options = arguments.Options.DeepClone();
        _ = options.Remove("driver", out var driver);
        var creation =
            context.Graph.Drivers.Require(((JsonString)driver!).Value).Creation // the schema saw to it that it is a string
            ?? throw new QmpException("Driver does not support blockdev-create");
        var parsed = creation.ParseOptions(options);
        var job = new CreateJob(context.Jobs, arguments.JobId, () => creation.CreateAsync(context.Graph, parsed));
        job.Register();
        job.Start();
        return ValueTask.CompletedTask;
    }
}
