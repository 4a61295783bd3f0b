namespace Tidemark.Core.Schema;

/// <summary>
/// Makes a partial record or an enum part of the wire's schema: the generator writes its strict reader, its writer and its
/// description. What it understands is told in this folder's README.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Enum)]
public sealed class SchemaAttribute : Attribute
{
    /// <summary>The type's name where a message shows one ("expected: BlockdevRef"); the C# name if not given.</summary>
    public string? Name { get; init; }

    /// <summary>
    /// On an abstract record: the member whose value says which derived record (marked <see cref="BranchAttribute"/>) it is.
    /// </summary>
    public string? Discriminator { get; init; }

    /// <summary>
    /// On a union of one branch: wire names, with commas between, of members that further branches would have too. With several
    /// branches the members that all have are found without it.
    /// </summary>
    public string? Shared { get; init; }

    /// <summary>
    /// The record is a choice by kind of JSON value: its parameters, all optional, are of different kinds, and exactly one is set.
    /// </summary>
    public bool Alternate { get; init; }
}
