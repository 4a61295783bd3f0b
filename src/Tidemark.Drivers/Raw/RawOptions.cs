using Tidemark.Core.Errors;
using Tidemark.Core.Json;
using Tidemark.Core.Units;

namespace Tidemark.Drivers.Raw;

internal sealed record RawOptions(long Offset, long? SizeBytes)
{
    public bool HasWindow => Offset != 0 || SizeBytes is not null;

    public static RawOptions Parse(JsonObject options)
    {
        var reader = new OptionReader(options);
        reader.Child("file");
        var result = new RawOptions(reader.Number("offset") ?? 0, reader.Number("size"));
        reader.End();
        return result;
    }

    public void Check(long fileSizeBytes)
    {
        if (Offset > fileSizeBytes)
        {
            throw Invalid($"Offset ({Offset}) cannot be greater than size of the containing file ({fileSizeBytes})");
        }
        if (SizeBytes is not { } size)
        {
            return;
        }
        if (fileSizeBytes - Offset < size)
        {
            throw Invalid(
                $"The sum of offset ({Offset}) and size ({size}) has to be smaller or equal to the actual size of the containing file ({fileSizeBytes})"
            );
        }
        if (!Alignment.Is(size, 512))
        {
            throw Invalid("Specified size is not multiple of 512");
        }
    }

    private static BlockException Invalid(string message) => new(BlockErrorKind.InvalidOptions, message);
}
