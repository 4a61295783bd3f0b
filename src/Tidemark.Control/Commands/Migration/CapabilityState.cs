using Tidemark.Control.Migration;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Commands.Migration;

/// <summary>A capability, on or off (MigrationCapabilityStatus).</summary>
[Schema(Name = "MigrationCapabilityStatus")]
internal sealed partial record CapabilityState(MigrationCapability Capability, bool State);
