using Tidemark.Core.Schema;

namespace Tidemark.Control.Objects;

/// <summary>What object-add takes.</summary>
[Schema(Discriminator = "qom-type")]
public abstract partial record ObjectOptions
{
    /// <summary>Its id, unique among all objects.</summary>
    public abstract string Id { get; init; }

    /// <summary>
    /// A thread to run exports on, by the reference's name for it. Here all nodes of a daemon, and so their exports, stay on its one
    /// loop: the object is checked and kept, an export may name it, but nothing moves; who insists (fixed-iothread) is refused.
    /// Times in nanoseconds.
    /// </summary>
    [Branch("iothread")]
    public sealed partial record Iothread(
        string Id,
        long? PollMaxNs = null,
        long? PollGrow = null,
        long? PollShrink = null,
        long? AioMaxBatch = null,
        long? ThreadPoolMin = null,
        long? ThreadPoolMax = null
    ) : ObjectOptions;

    /// <summary>
    /// Something that is not to stand on command lines: as it is, or in a file; encrypted by the secret <c>Keyid</c> if that is given,
    /// <c>Iv</c> being base64. <c>Loaded</c> is an outdated member that nothing may be written to.
    /// </summary>
    [Branch("secret")]
    public sealed partial record Secret(
        string Id,
        bool? Loaded = null,
        SecretFormat? Format = null,
        string? Keyid = null,
        string? Iv = null,
        string? Data = null,
        string? File = null
    ) : ObjectOptions;
}
