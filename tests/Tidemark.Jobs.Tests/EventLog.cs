namespace Tidemark.Jobs.Tests;

/// <summary>Events as short lines, in order.</summary>
internal sealed class EventLog : IJobObserver
{
    public List<string> Lines { get; } = [];

    public void OnJobEvent(JobEvent happened) =>
        Lines.Add(
            happened switch
            {
                JobEvent.StatusChange e => $"{e.Id} {e.Status.ToWord()}",
                JobEvent.Pending e => $"{e.Id} PENDING {e.Type}",
                JobEvent.Completed e => $"{e.Id} COMPLETED {e.Length} {e.Offset} {e.Speed} {e.Error}".TrimEnd(),
                JobEvent.Cancelled e => $"{e.Id} CANCELLED {e.Length} {e.Offset} {e.Speed}",
                JobEvent.Failed e => $"{e.Id} ERROR {(e.IsRead ? "read" : "write")} {e.Action.ToWord()}",
                _ => happened.Name,
            }
        );

    /// <summary>The lines since the last call.</summary>
    public string[] Take()
    {
        string[] taken = [.. Lines];
        Lines.Clear();
        return taken;
    }
}
