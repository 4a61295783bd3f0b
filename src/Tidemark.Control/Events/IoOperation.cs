using Tidemark.Core.Schema;

namespace Tidemark.Control.Events;

/// <summary>What failed (IoOperationType).</summary>
[Schema(Name = "IoOperationType")]
internal enum IoOperation
{
    /// <summary>A read.</summary>
    Read,

    /// <summary>Anything that changes the medium.</summary>
    Write,
}
