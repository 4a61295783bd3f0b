namespace Tidemark.Exports.Nbd;

/// <summary>A bitmap to export: by its name on the exported node or, where a filter stands over or a backing file lies under it, along its chain; or on the node named.</summary>
public readonly record struct NbdBitmapReference(string Name, string? NodeName = null);
