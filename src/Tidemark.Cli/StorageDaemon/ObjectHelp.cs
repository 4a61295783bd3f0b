namespace Tidemark.Cli.StorageDaemon;

/// <summary>"--object help" and "--object secret,help" and the like.</summary>
internal static class ObjectHelp
{
    /// <summary>The help that <paramref name="text"/> asks for, or null if it describes an object.</summary>
    public static string? Of(string text) =>
        text switch
        {
            "help" or "?" => """
                List of user creatable objects:
                  iothread
                  secret
                  throttle-group

                """,
            "iothread,help" => """
                iothread options:
                  aio-max-batch=<int>
                  poll-grow=<int>
                  poll-max-ns=<int>
                  poll-shrink=<int>
                  thread-pool-max=<int>
                  thread-pool-min=<int>

                """,
            "secret,help" => """
                secret options:
                  data=<string>
                  file=<string>
                  format=<QCryptoSecretFormat>
                  iv=<string>
                  keyid=<string>

                """,
            "throttle-group,help" => """
                throttle-group options:
                  limits=<ThrottleLimits>
                  x-bps-read-max-length=<int>
                  x-bps-read-max=<int>
                  x-bps-read=<int>
                  x-bps-total-max-length=<int>
                  x-bps-total-max=<int>
                  x-bps-total=<int>
                  x-bps-write-max-length=<int>
                  x-bps-write-max=<int>
                  x-bps-write=<int>
                  x-iops-read-max-length=<int>
                  x-iops-read-max=<int>
                  x-iops-read=<int>
                  x-iops-size=<int>
                  x-iops-total-max-length=<int>
                  x-iops-total-max=<int>
                  x-iops-total=<int>
                  x-iops-write-max-length=<int>
                  x-iops-write-max=<int>
                  x-iops-write=<int>

                """,
            _ => null,
        };
}
