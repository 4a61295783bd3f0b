using Tidemark.Core.Schema;

namespace Tidemark.Control.Commands.Job;

/// <summary>A block job by what the older commands call its device: its id.</summary>
[Schema]
internal sealed partial record BlockJobArguments(string Device);
