using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Schema;

namespace Tidemark.Drivers.File;

/// <summary>Options of making a file (BlockdevCreateOptionsFile); sizes in bytes.</summary>
[Schema]
internal sealed partial record FileCreateOptions(
    string Filename,
    [Size] ulong Size,
    FilePreallocation Preallocation = FilePreallocation.Off,
    bool Nocow = false,
    [Size] ulong? ExtentSizeHint = null
)
{
    /// <summary>How much is reserved.</summary>
    public PreallocationMode PreallocationMode =>
        Preallocation switch
        {
            FilePreallocation.Off => PreallocationMode.Off,
            FilePreallocation.Metadata => PreallocationMode.Metadata,
            FilePreallocation.Falloc => PreallocationMode.Falloc,
            _ => PreallocationMode.Full,
        };

    /// <summary>Refuses what can't be done; throws <see cref="BlockException"/>.</summary>
    public FileCreateOptions Checked()
    {
        if (Nocow || ExtentSizeHint is > 0)
        {
            throw new BlockException(
                BlockErrorKind.NotSupported,
                "'nocow' and 'extent-size-hint' are not supported for this file"
            );
        }
        return Size <= long.MaxValue
            ? this
            : throw new BlockException(BlockErrorKind.InvalidOptions, "Image size must be less than 8 EiB!");
    }

    /// <summary>From "-o" options of a command line.</summary>
    public static FileCreateOptions FromCommandLine(string filename, JsonObject options)
    {
        var described = new JsonObject();
        foreach (var (key, value) in options)
        {
            described[key == "extent_size_hint" ? "extent-size-hint" : key] = value;
        }
        described["filename"] = new JsonString(FileFilename.ToPath(filename));
        return Codec.Parse(described, SchemaMode.Lenient);
    }
}
