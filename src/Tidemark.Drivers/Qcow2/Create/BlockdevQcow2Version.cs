using Tidemark.Core.Schema;

namespace Tidemark.Drivers.Qcow2.Create;

/// <summary>Version of the format.</summary>
[Schema]
internal enum BlockdevQcow2Version
{
    /// <summary>The original, as of 2008 (compat 0.10).</summary>
    V2,

    /// <summary>The extended one (compat 1.1).</summary>
    V3,
}
