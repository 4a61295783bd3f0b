using Tidemark.Core.Schema;
using Tidemark.Jobs.Mirror;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Commands.Job;

/// <summary>block-job-change: a mirror sends what guests write to both sides from now on. Of QEMU 8.2.</summary>
internal sealed partial class BlockJobChange(ControlContext context)
    : QmpCommand<BlockJobChange.Arguments>("block-job-change", Options)
{
    private static readonly UnionCodec<Arguments> Options = new(
        "BlockJobChangeOptions",
        "type",
        [
            .. JobKindWords.Codec.Words.Select(
                static UnionBranch<Arguments> (kind) =>
                    kind == "mirror"
                        ? new UnionBranch<Arguments, Arguments.Mirror>(kind, Arguments.Mirror.Codec)
                        : new UnionBranch<Arguments, Arguments.Other>(kind, Arguments.Other.Codec)
            ),
        ]
    );

    /// <summary>What it takes: the job, its kind, and what that kind of job can change.</summary>
    internal abstract partial record Arguments
    {
        /// <summary>The job.</summary>
        public abstract string Id { get; init; }

        /// <summary>What a mirror can change.</summary>
        [Schema]
        internal sealed partial record Mirror(string Id, MirrorCopyMode CopyMode) : Arguments;

        /// <summary>What other jobs can: nothing.</summary>
        [Schema]
        internal sealed partial record Other(string Id) : Arguments;
    }

    /// <inheritdoc/>
    protected override ValueTask RunAsync(Arguments arguments) =>
        context.RequireBlockJob(arguments.Id).ChangeAsync((arguments as Arguments.Mirror)?.CopyMode);
}
