namespace Tidemark.Nbd.Client;

/// <summary>A run of <paramref name="Length"/> bytes of one status, as the context defines it.</summary>
public readonly record struct NbdExtent(long Length, uint Status);
