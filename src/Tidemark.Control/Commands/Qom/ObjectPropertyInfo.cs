using Tidemark.Core.Schema;

namespace Tidemark.Control.Commands.Qom;

/// <summary>A property as queries show it.</summary>
[Schema]
internal sealed partial record ObjectPropertyInfo(string Name, string Type);
