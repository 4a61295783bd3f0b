using Tidemark.Block.Contract;

namespace Tidemark.Cli.Img;

/// <summary>Preallocation modes by name.</summary>
internal static class PreallocationName
{
    /// <summary>The mode, or null.</summary>
    public static PreallocationMode? TryParse(string name) =>
        name switch
        {
            "off" => PreallocationMode.Off,
            "metadata" => PreallocationMode.Metadata,
            "falloc" => PreallocationMode.Falloc,
            "full" => PreallocationMode.Full,
            _ => null,
        };
}
