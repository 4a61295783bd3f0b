namespace Tidemark.Cli.StorageDaemon;

/// <summary>"--object help" and "--object secret,help".</summary>
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
            _ => null,
        };
}
