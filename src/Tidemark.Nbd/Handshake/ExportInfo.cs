namespace Tidemark.Nbd.Handshake;

/// <summary>What both sides know of an export once it is chosen (NBD protocol, "NBD_REP_INFO"). Sizes in bytes.</summary>
/// <param name="SizeBytes">Size of the export.</param>
/// <param name="Flags">What it can do.</param>
/// <param name="MinimumBlock">Offsets and lengths must be multiples of it; a power of two up to 65536.</param>
/// <param name="PreferredBlock">Multiples of it are efficient; a power of two.</param>
/// <param name="MaximumPayload">Longest read or write.</param>
public readonly record struct ExportInfo(
    long SizeBytes,
    TransmissionFlags Flags,
    uint MinimumBlock = 1,
    uint PreferredBlock = Limits.PreferredBlockBytes,
    uint MaximumPayload = Limits.MaxPayloadBytes
);
