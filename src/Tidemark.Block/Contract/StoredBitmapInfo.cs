namespace Tidemark.Block.Contract;

/// <summary>A bitmap as an image's directory shows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="GranularityBytes">Bytes per bit.</param>
/// <param name="InUse">The image was not closed cleanly: the stored bits are not to be trusted.</param>
/// <param name="Auto">It records when loaded.</param>
public sealed record StoredBitmapInfo(string Name, long GranularityBytes, bool InUse, bool Auto);
