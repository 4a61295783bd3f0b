namespace Tidemark.Bitmaps.Migration;

/// <summary>Bounds of what a migration stream may hold, so that a hostile one costs no more memory than an honest one.</summary>
public static class MigrationLimits
{
    /// <summary>Bytes of a node's or bitmap's name or alias: its length is one byte of the stream.</summary>
    public const int NameBytes = 255;

    /// <summary>Bytes of bitmap data in a record that we write, as the reference does.</summary>
    public const int ChunkBytes = 1024;

    /// <summary>Bytes of bitmap data in a record that we accept.</summary>
    public const int MaxChunkBytes = 64 << 10;

    /// <summary>Data of a record is padded to a multiple of this many bytes.</summary>
    public const int DataAlignment = 32;

    /// <summary>The unit in which records say where their bits are, bytes.</summary>
    public const int SectorBytes = 512;

    /// <summary>Bytes of a machine type's name.</summary>
    public const int MachineBytes = 255;

    /// <summary>Bytes of a command's payload: its length is two bytes of the stream.</summary>
    public const int CommandBytes = ushort.MaxValue;

    /// <summary>Capabilities that a stream may list; the reference has two dozen.</summary>
    public const int Capabilities = 64;

    /// <summary>Bytes of input that hold at least one whole part of a stream, whatever part that is.</summary>
    public const int BufferBytes = 128 << 10;

    /// <summary>Bitmaps that may be under way at a time, over all nodes; the file format stores 65535 in one image.</summary>
    public const int Bitmaps = 65535;
}
