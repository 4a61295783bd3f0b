using Tidemark.Core.Schema;

namespace Tidemark.Jobs.Mirror;

/// <summary>Options of the filter, which only its job opens.</summary>
[Schema]
internal sealed partial record MirrorTopOptions(BlockdevRef Backing);
