using Tidemark.Core.Schema;

namespace Tidemark.Jobs;

/// <summary>All that others know of a kind of job: its name, the command that starts it, and how a job is made from arguments.</summary>
public sealed record JobDefinition
{
    private JobDefinition(string type, string command)
    {
        Type = type;
        Command = command;
    }

    /// <summary>QMP's JobType.</summary>
    public string Type { get; }

    /// <summary>Name of the command, and of the transaction's action if there is one, that starts it.</summary>
    public string Command { get; }

    /// <summary>Whether a transaction may have it as an action; else there is only the command.</summary>
    public bool IsAction { get; init; } = true;

    /// <summary>How the command's arguments are read.</summary>
    public required SchemaCodec Arguments { get; init; }

    /// <summary>
    /// Makes a job, registered and not started. As an action it is called in a drained section that lasts until the job is started
    /// (<see cref="Job.Start"/>) or undone (<see cref="Job.AbandonAsync"/>): that section is its point in time. Throws <see cref="Core.Errors.BlockException"/>, and
    /// then all is as before.
    /// </summary>
    public required Func<JobContext, object, ValueTask<Job>> CreateAsync { get; init; }

    /// <summary>A kind whose arguments are <typeparamref name="TArguments"/>.</summary>
    public static JobDefinition For<TArguments>(
        string type,
        string command,
        SchemaCodec<TArguments> arguments,
        Func<JobContext, TArguments, ValueTask<Job>> create
    )
        where TArguments : class =>
        new(type, command) { Arguments = arguments, CreateAsync = (context, parsed) => create(context, (TArguments)parsed) };
}
