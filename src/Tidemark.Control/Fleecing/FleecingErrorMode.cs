using Tidemark.Core.Schema;

namespace Tidemark.Control.Fleecing;

/// <summary>What gives way when old data can't be saved (OnCbwError).</summary>
[Schema(Name = "OnCbwError")]
internal enum FleecingErrorMode
{
    /// <summary>The guest's write fails.</summary>
    BreakGuestWrite,

    /// <summary>The past is given up.</summary>
    BreakSnapshot,
}
