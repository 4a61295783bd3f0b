using Tidemark.Core.Json;

namespace Tidemark.Block.Contract;

/// <summary>The cache modes of command lines as node options: what they mean for the page cache, flushes, and write-through.</summary>
/// <param name="Direct">Past the page cache.</param>
/// <param name="NoFlush">Flushes do nothing.</param>
/// <param name="WriteThrough">Each write is flushed before it ends.</param>
public readonly record struct CacheMode(bool Direct, bool NoFlush, bool WriteThrough)
{
    /// <summary>The mode of this name, or null.</summary>
    public static CacheMode? Find(string name) =>
        name switch
        {
            "none" or "off" => new CacheMode(Direct: true, NoFlush: false, WriteThrough: false),
            "directsync" => new CacheMode(Direct: true, NoFlush: false, WriteThrough: true),
            "writeback" => new CacheMode(Direct: false, NoFlush: false, WriteThrough: false),
            "unsafe" => new CacheMode(Direct: false, NoFlush: true, WriteThrough: false),
            "writethrough" => new CacheMode(Direct: false, NoFlush: false, WriteThrough: true),
            _ => null,
        };

    /// <summary>Adds the member "cache" to node options.</summary>
    public void AddTo(JsonObject options)
    {
        if (Direct || NoFlush)
        {
            options["cache"] = new JsonObject { ["direct"] = Direct, ["no-flush"] = NoFlush };
        }
    }
}
