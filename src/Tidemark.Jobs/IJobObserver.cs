namespace Tidemark.Jobs;

/// <summary>Whoever is told of jobs' events: the monitor. Called on the loop, in order; must not call back into the job.</summary>
public interface IJobObserver
{
    /// <summary>Something happened.</summary>
    void OnJobEvent(JobEvent happened);
}
