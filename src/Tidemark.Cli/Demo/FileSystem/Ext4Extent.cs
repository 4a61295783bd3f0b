namespace Tidemark.Cli.Demo.FileSystem;

/// <summary>A run of <paramref name="Blocks"/> blocks of a file from its block <paramref name="FileBlock"/> on, at <paramref name="DiskBlock"/> of the disk.</summary>
internal readonly record struct Ext4Extent(int FileBlock, int DiskBlock, int Blocks);
