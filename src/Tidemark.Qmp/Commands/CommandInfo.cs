using Tidemark.Core.Schema;

namespace Tidemark.Qmp.Commands;

/// <summary>An entry of query-commands.</summary>
[Schema]
public sealed partial record CommandInfo(string Name);
