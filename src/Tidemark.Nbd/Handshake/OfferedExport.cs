using Tidemark.Nbd.MetaContext;

namespace Tidemark.Nbd.Handshake;

/// <summary>An export as the handshake sees it. The room that has the nodes derives from it. On the loop that serves it.</summary>
public abstract class OfferedExport
{
    /// <summary>Its name, up to 4096 bytes of UTF-8; "" is the default export.</summary>
    public abstract string Name { get; }

    /// <summary>A line for people, up to 4096 bytes, or null.</summary>
    public abstract string? Description { get; }

    /// <summary>Metadata contexts, in the order in which they are listed; each id once.</summary>
    public abstract IReadOnlyList<OfferedContext> Contexts { get; }

    /// <summary>
    /// Its properties now; without <see cref="TransmissionFlags.DontFragment"/> and <see cref="TransmissionFlags.BlockStatusPayload"/>,
    /// which depend on the session and are added by the handshake. The minimum block is that of a client that promised to keep to it.
    /// </summary>
    public abstract ExportInfo Describe();
}
