using Tidemark.Core.Schema;

namespace Tidemark.Cli.StorageDaemon.Chardevs;

/// <summary>A character device as query-chardev shows it.</summary>
[Schema]
internal sealed partial record ChardevInfo(bool FrontendOpen, string Filename, string Label);
