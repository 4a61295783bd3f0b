using Tidemark.Core.Schema;

namespace Tidemark.Qmp.Dispatch;

/// <summary>What a command takes that takes nothing.</summary>
[Schema]
public sealed partial record NoArguments;
