using Tidemark.Core.Schema;

namespace Tidemark.Qmp.Wire;

/// <summary>Three numbers of a version.</summary>
[Schema]
public sealed partial record QmpVersionTriple(long Micro, long Minor, long Major);
