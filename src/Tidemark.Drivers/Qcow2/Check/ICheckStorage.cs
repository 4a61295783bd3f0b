using Tidemark.Core.Errors;

namespace Tidemark.Drivers.Qcow2.Check;

/// <summary>
/// The bytes of an image file as the check sees them: past the driver's caches, at any offset. Belongs to the graph's loop.
/// </summary>
internal interface ICheckStorage
{
    /// <summary>Length of the file, bytes.</summary>
    long Length { get; }

    /// <summary>Fills <paramref name="target"/> from <paramref name="offset"/> on; what lies behind the end of the file reads as zeroes.</summary>
    ValueTask<IoStatus> ReadAsync(long offset, Memory<byte> target);

    /// <summary>Writes <paramref name="data"/> at <paramref name="offset"/>, growing the file if need be.</summary>
    ValueTask<IoStatus> WriteAsync(long offset, ReadOnlyMemory<byte> data);

    /// <summary>Makes durable what was written.</summary>
    ValueTask<IoStatus> FlushAsync();

    /// <summary>Lets the file end at <paramref name="length"/>, which is not below its length; what is new reads as zeroes.</summary>
    ValueTask<IoStatus> GrowAsync(long length);

    /// <summary>Lets go of bytes that nothing refers to any more; failing is no error.</summary>
    ValueTask DiscardAsync(long offset, long length);
}
