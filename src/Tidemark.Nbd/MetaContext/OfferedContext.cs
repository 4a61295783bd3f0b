namespace Tidemark.Nbd.MetaContext;

/// <summary>A metadata context that an export has: its name, and the number that stands for it in block status replies.</summary>
public readonly record struct OfferedContext(uint Id, string Name);
