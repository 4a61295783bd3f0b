namespace Tidemark.Drivers.Qcow2.Header;

/// <summary>One header extension: its type and its data, without padding.</summary>
/// <param name="Type">Four bytes, big-endian.</param>
/// <param name="Data">The data, as long as the extension says.</param>
internal sealed record HeaderExtension(uint Type, ReadOnlyMemory<byte> Data)
{
    /// <summary>End of the extension area.</summary>
    public const uint End = 0;

    /// <summary>Name of the backing file's format.</summary>
    public const uint BackingFormat = 0xe279_2aca;

    /// <summary>Names of feature bits.</summary>
    public const uint FeatureNames = 0x6803_f857;

    /// <summary>Where the bitmap directory is.</summary>
    public const uint Bitmaps = 0x2385_2875;

    /// <summary>Where the header of full disk encryption is.</summary>
    public const uint Encryption = 0x0537_be77;

    /// <summary>Name of the external data file.</summary>
    public const uint ExternalData = 0x4441_5441;
}
