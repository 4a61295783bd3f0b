namespace Tidemark.Core.Schema;

/// <summary>A type that knows how it is read from JSON, written and described. Implemented by the generator.</summary>
/// <typeparam name="TSelf">The type itself.</typeparam>
public interface ISchema<TSelf>
    where TSelf : ISchema<TSelf>
{
    /// <summary>Reader, writer and description of the type.</summary>
    static abstract SchemaCodec<TSelf> Codec { get; }
}
