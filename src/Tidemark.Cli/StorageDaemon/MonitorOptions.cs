using Tidemark.Core.Schema;

namespace Tidemark.Cli.StorageDaemon;

/// <summary>What --monitor takes.</summary>
[Schema]
internal sealed partial record MonitorOptions(string Chardev, string? Id = null, MonitorMode? Mode = null, bool? Pretty = null);
