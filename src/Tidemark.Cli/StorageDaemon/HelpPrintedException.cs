namespace Tidemark.Cli.StorageDaemon;

/// <summary>An option asked for help, which was printed: the program ends with success.</summary>
internal sealed class HelpPrintedException() : Exception("help was printed");
