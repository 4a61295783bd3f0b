using Tidemark.Core.Units;

namespace Tidemark.Bitmaps.Migration;

/// <summary>A part of a migration stream, valid until the bytes it was read from are reused.</summary>
public ref struct StreamItem
{
    /// <summary>What it is; the other members depend on it.</summary>
    public StreamItemKind Kind;

    /// <summary>Node of a bitmap, as the sender calls it: a node's name, a device's, or an alias.</summary>
    public string Node;

    /// <summary>Name or alias of a bitmap.</summary>
    public string Bitmap;

    /// <summary>Machine type, capability or run state.</summary>
    public string Text;

    /// <summary>Bytes that one bit of an announced bitmap stands for: a power of two within <see cref="BitmapLimits"/>.</summary>
    public long Granularity;

    /// <summary>What an announced bitmap will be.</summary>
    public BitmapStartFlags Flags;

    /// <summary>Bytes of the disk that bits stand for.</summary>
    public ByteRange Range;

    /// <summary>Bits as <see cref="HierarchicalBitmap.Serialize"/> makes them, or a command's or UUID's bytes.</summary>
    public ReadOnlySpan<byte> Data;

    /// <summary>The command.</summary>
    public StreamCommand Command;
}
