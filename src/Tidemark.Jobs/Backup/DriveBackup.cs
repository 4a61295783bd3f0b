using Tidemark.Block.Contract;
using Tidemark.Block.Create;
using Tidemark.Block.Graph;
using Tidemark.Core.Errors;

namespace Tidemark.Jobs.Backup;

/// <summary>drive-backup: a backup whose target is made or opened by the command itself and closes with the job.</summary>
internal static class DriveBackup
{
    public static readonly JobDefinition Definition = JobDefinition.For(
        "backup",
        "drive-backup",
        DriveBackupArguments.Codec,
        static async (context, arguments) => await CreateAsync(context, arguments)
    );

    private static async ValueTask<BackupJob> CreateAsync(JobContext context, DriveBackupArguments arguments)
    {
        var graph = context.Graph;
        var source = graph.Require(arguments.Device);
        var backing = arguments.Sync switch
        {
            BackupSync.Top => BackingOf(source),
            BackupSync.None => source,
            _ => null,
        };
        // Nothing lies below: all of it is on top.
        var sync = arguments.Sync == BackupSync.Top && backing is null ? BackupSync.Full : arguments.Sync;
        var isNew = arguments.Mode != NewImageMode.Existing;
        var format = arguments.Format ?? (isNew ? source.Definition.Name : null);
        // Before anything is made.
        source.RequireUnblocked(BlockOperation.BackupSource);
        if (isNew)
        {
            await NewImage.CreateAsync(graph, arguments.Target, format!, source.SizeBytes, backing); // a new one has a format
        }
        var target = await NewImage.OpenTargetAsync(
            graph,
            arguments.Target,
            format,
            source,
            withBacking: sync != BackupSync.None
        );
        try
        {
            if (sync == BackupSync.None)
            {
                // What the job does not save reads as the source has it.
                await using var edit = await graph.EditAsync(source, target);
                edit.SetBacking(target, source);
                edit.Commit();
            }
            var job = await BackupJob.CreateAsync(graph, context.Jobs, arguments.ToBackup(target.Name, sync));
            job.ClosesTarget = true;
            return job;
        }
        finally
        {
            // The job holds it now, or nobody does and it closes.
            await graph.ReleaseAsync(target);
        }
    }

    private static BlockNode? BackingOf(BlockNode source)
    {
        var node = source;
        while (node.FilteredChild is { } below)
        {
            node = below.Node;
        }
        return node.BackingChild?.Node;
    }
}
