using Tidemark.Core.Schema;

namespace Tidemark.Jobs;

/// <summary>Why a block job stands still, if an error stopped it; QMP's BlockDeviceIoStatus.</summary>
[Schema]
public enum JobIoStatus
{
    /// <summary>No error did.</summary>
    Ok,

    /// <summary>An error did.</summary>
    Failed,

    /// <summary>Lack of space did.</summary>
    Nospace,
}
