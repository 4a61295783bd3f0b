namespace Tidemark.Cli.Options;

/// <summary>The command line itself is wrong: the message goes out with a pointer to --help.</summary>
internal sealed class UsageException(string message) : Exception(message);
