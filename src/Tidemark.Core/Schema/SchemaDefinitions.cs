namespace Tidemark.Core.Schema;

/// <summary>
/// What is known only when the process has put itself together, by name: the union of all drivers' options, of all export
/// types. Filled at start-up, read from then on.
/// </summary>
public sealed class SchemaDefinitions
{
    private readonly Dictionary<string, SchemaCodec> codecs = new(StringComparer.Ordinal);

    /// <summary>Sets what <paramref name="name"/> stands for.</summary>
    public void Define(string name, SchemaCodec codec) => codecs[name] = codec;

    /// <summary>What <paramref name="name"/> stands for, or null if nothing was defined.</summary>
    public SchemaCodec? Find(string name) => codecs.GetValueOrDefault(name);
}
