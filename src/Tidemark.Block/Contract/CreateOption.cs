namespace Tidemark.Block.Contract;

/// <summary>One option of image creation as command lines take and list it.</summary>
/// <param name="Name">Its name ("cluster_size").</param>
/// <param name="Type">How its value is read.</param>
/// <param name="Help">What it does, for people.</param>
/// <param name="Default">The value that is shown and used when none is given; null if there is nothing to show then.</param>
public sealed record CreateOption(string Name, CreateOptionType Type, string Help, string? Default = null);
