using Tidemark.Core.Schema;

namespace Tidemark.Qmp.Events;

/// <summary>An event as the schema describes it.</summary>
/// <param name="Name">On the wire, in capitals.</param>
/// <param name="Data">What it carries.</param>
public sealed record QmpEventDefinition(string Name, SchemaCodec Data);
