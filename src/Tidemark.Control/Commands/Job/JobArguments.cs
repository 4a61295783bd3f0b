using Tidemark.Core.Schema;

namespace Tidemark.Control.Commands.Job;

/// <summary>A job by its id.</summary>
[Schema]
internal sealed partial record JobArguments(string Id);
