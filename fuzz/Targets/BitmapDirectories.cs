using System.Buffers.Binary;
using Tidemark.Block.Contract;

namespace Tidemark.Fuzz.Targets;

/// <summary>
/// The bitmap directory of a qcow2 image and what it points to: the rest of the image stays valid, so that every input gets
/// as far as the bitmaps.
/// </summary>
internal sealed class BitmapDirectories : FuzzTarget
{
    private const int DirectoryBytes = 128;
    private byte[]? image;
    private int directory;

    public override string Name => "bitmap-directory";

    public override IReadOnlyList<byte[]> CreateSeeds()
    {
        image = Qcow2Seeds.Create()[1];
        directory = FindDirectory(image);
        return [image[directory..Math.Min(directory + DirectoryBytes, image.Length)]];
    }

    public override void Run(byte[] input)
    {
        if (image is null)
        {
            _ = CreateSeeds();
        }
        var spoilt = (byte[])image!.Clone();
        input.AsSpan(0, Math.Min(input.Length, spoilt.Length - directory)).CopyTo(spoilt.AsSpan(directory));
        SimulatedDisk.Use(spoilt, [], OpenDefaults.Untrusted, static node => SimulatedDisk.ReadSomeAsync(node));
    }

    // qcow2 specification, "Bitmaps extension": type 0x23852875; the directory's offset is at byte 16 of its data.
    private static int FindDirectory(ReadOnlySpan<byte> image)
    {
        for (var at = 104; at < 4096; at += 8)
        {
            if (BinaryPrimitives.ReadUInt32BigEndian(image[at..]) == 0x23852875)
            {
                return (int)BinaryPrimitives.ReadUInt64BigEndian(image[(at + 8 + 16)..]);
            }
        }
        throw new InvalidOperationException("The seed image has no bitmaps extension");
    }
}
