using Tidemark.Control.Schema;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;
using Tidemark.Jobs.Create;
using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Commands.Block;

/// <summary>x-blockdev-amend: a job that changes options of an image that is open. What goes wrong in it shows in query-jobs.</summary>
internal sealed partial class BlockdevAmend(ControlContext context)
    : QmpCommand<BlockdevAmend.Arguments>("x-blockdev-amend", Arguments.Codec)
{
    /// <summary>What it takes.</summary>
    [Schema]
    internal sealed partial record Arguments(
        string JobId,
        string NodeName,
        [Late(BlockdevAmendOptionsCodec.Name)] JsonObject Options,
        bool Force = false
    );

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments)
    {
        var node =
            context.Graph.FindNode(arguments.NodeName)
            ?? throw new QmpException($"Cannot find device='' nor node-name='{arguments.NodeName}'");
        var options = arguments.Options.DeepClone();
        _ = options.Remove("driver", out var driver);
        if (((JsonString)driver!).Value != node.Definition.Name) // the schema saw to it that it is a string
        {
            throw new QmpException("x-blockdev-amend doesn't support changing the block driver");
        }
        var amendment = node.Definition.Amendment ?? throw new QmpException("Driver does not support x-blockdev-amend");
        var parsed = amendment.ParseOptions(options);
        new AmendJob(context.Jobs, arguments.JobId, node, () => amendment.AmendAsync(node, parsed, arguments.Force)).Begin();
        return ValueTask.CompletedTask;
    }
}
