using Tidemark.Core.Schema;

namespace Tidemark.Qmp.Wire;

/// <summary>Arguments of qmp_capabilities.</summary>
/// <param name="Enable">What to switch on.</param>
[Schema]
public sealed partial record QmpCapabilitiesArguments(IReadOnlyList<QmpCapability>? Enable = null);
