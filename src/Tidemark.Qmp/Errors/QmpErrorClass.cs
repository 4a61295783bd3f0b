namespace Tidemark.Qmp.Errors;

/// <summary>The few classes of error that the wire tells apart.</summary>
public enum QmpErrorClass
{
    /// <summary>Everything else.</summary>
    GenericError,

    /// <summary>No such command, or not now.</summary>
    CommandNotFound,

    /// <summary>No block job of that name runs.</summary>
    DeviceNotActive,

    /// <summary>No such device.</summary>
    DeviceNotFound,
}
