using Tidemark.Bitmaps;
using Tidemark.Core.Errors;
using Tidemark.Drivers.Qcow2.Header;
using Tidemark.Drivers.Qcow2.Refcounts;

namespace Tidemark.Drivers.Qcow2.Bitmaps;

/// <summary>What stored bitmaps need of their image. Belongs to the graph's loop.</summary>
internal interface IBitmapImage
{
    /// <summary>Name of the image's node, for messages.</summary>
    string NodeName { get; }

    /// <summary>Whether the image may not be written now.</summary>
    bool IsReadOnly { get; }

    /// <summary>Size of the guest's disk, bytes.</summary>
    long SizeBytes { get; }

    /// <summary>Length of the image file, bytes.</summary>
    long FileLength { get; }

    /// <summary>The header as in memory; <see cref="UpdateHeaderAsync"/> writes it.</summary>
    Qcow2Header Header { get; }

    /// <summary>The node's bitmaps.</summary>
    DirtyBitmapSet Bitmaps { get; }

    /// <summary>Takes a line for people that no request waits for.</summary>
    void Warn(string line);

    /// <summary>Fills <paramref name="target"/> from the image file, with zeroes where that ends.</summary>
    ValueTask<IoStatus> ReadAsync(long offset, Memory<byte> target);

    /// <summary>Writes into clusters that stored bitmaps own. Durable after <see cref="FlushAsync"/>.</summary>
    ValueTask<IoStatus> WriteAsync(long offset, ReadOnlyMemory<byte> data);

    /// <summary>Allocates clusters in one piece.</summary>
    ValueTask<ClusterAllocation> AllocateAsync(long clusters);

    /// <summary>Frees the clusters that hold these bytes: nothing durable refers to them any more.</summary>
    ValueTask FreeAsync(long offset, long bytes);

    /// <summary>Makes all writes and all allocations so far durable.</summary>
    ValueTask<IoStatus> FlushAsync();

    /// <summary>Writes the header anew, durably.</summary>
    ValueTask<IoStatus> UpdateHeaderAsync();

    /// <summary>
    /// After <see cref="UpdateHeaderAsync"/> failed, and the old fields are back in memory: writes these, durably. False when that fails,
    /// too: the image serves no further request then.
    /// </summary>
    ValueTask<bool> RestoreHeaderAsync();

    /// <summary>Says where the directory lies now (length 0: nowhere), so that no other write hits it.</summary>
    void NoteDirectory(long offset, long bytes);
}
