namespace Tidemark.Control.Migration;

/// <summary>What query-migrate tells of it.</summary>
internal sealed partial class OutgoingMigration
{
    private readonly long began;
    private TimeSpan setUp;
    private TimeSpan downtimeBegan;
    private TimeSpan completed;
    private long sentBytes;
    private long passes;
    private string? errorText;

    /// <summary>Its state, and how far it has come.</summary>
    public MigrationInfo Describe()
    {
        switch (Status)
        {
            case MigrationStatus.Setup or MigrationStatus.Cancelled:
                return new(Status);
            case MigrationStatus.Failed:
                return new(Status, ErrorDesc: errorText);
            case MigrationStatus.Completed:
                return new(
                    Status,
                    MigrationMemory.Of(sentBytes, passes, completed),
                    TotalTime: Milliseconds(completed),
                    Downtime: Milliseconds(completed - downtimeBegan),
                    SetupTime: Milliseconds(setUp)
                );
            default:
                return new(
                    Status,
                    MigrationMemory.Of(sentBytes, passes, Now()),
                    TotalTime: Milliseconds(Now()),
                    ExpectedDowntime: (long)control.Parameters.DowntimeLimit,
                    SetupTime: Milliseconds(setUp)
                );
        }
    }

    private TimeSpan Now() => Graph.Engine.Time.GetElapsedTime(began);

    private static long Milliseconds(TimeSpan time) => (long)time.TotalMilliseconds;
}
