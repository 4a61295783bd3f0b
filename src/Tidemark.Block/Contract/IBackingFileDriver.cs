namespace Tidemark.Block.Contract;

/// <summary>A format whose image names a backing file.</summary>
public interface IBackingFileDriver
{
    /// <summary>The name as the image has it, or null.</summary>
    string? BackingFileName { get; }

    /// <summary>The backing file's format as the image has it, or null.</summary>
    string? BackingFormat { get; }

    /// <summary>Writes another name (null: none) into the image, durably. Throws <see cref="Core.Errors.BlockException"/>.</summary>
    ValueTask ChangeBackingFileAsync(string? name, string? format);
}
