using Tidemark.Jobs;
using Tidemark.Qmp.Errors;

namespace Tidemark.Control.Commands.Job;

/// <summary>Finding the job that a command names.</summary>
internal static class JobLookup
{
    /// <summary>The block job of that id; the older commands have a class of error of their own for one that is missing.</summary>
    public static BlockJob RequireBlockJob(this ControlContext context, string device) =>
        context.Jobs.Find(device) as BlockJob
        ?? throw new QmpException(QmpErrorClass.DeviceNotActive, $"Block job '{device}' not found");
}
