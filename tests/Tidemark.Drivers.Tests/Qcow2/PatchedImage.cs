using System.Buffers.Binary;
using Tidemark.Testing;

namespace Tidemark.Drivers.Tests.Qcow2;

/// <summary>A qcow2 file made by the real qemu-img in a folder of its own, to be damaged byte by byte.</summary>
internal sealed class PatchedImage : IDisposable
{
    private const uint BitmapsExtension = 0x2385_2875;
    private const ulong OffsetMask = 0x00ff_ffff_ffff_fe00;
    private readonly string folder = Directory.CreateTempSubdirectory("tidemark-").FullName;
    private byte[] bytes = [];

    /// <summary>Makes an image of that size with those options of "-o", and runs qemu-io commands on it.</summary>
    public PatchedImage(string size, string options, params string[] commands)
    {
        File = Path.Combine(folder, "image.qcow2");
        string[] create = options.Length == 0 ? [] : ["-o", options];
        _ = ProgramRun.Of("qemu-img", ["create", "-q", "-f", "qcow2", .. create, File, size]).MustSucceed();
        if (commands.Length > 0)
        {
            QemuIo(commands);
        }
        Load();
    }

    /// <summary>Whether the programs that this class runs are installed.</summary>
    public static bool CanRun { get; } = ProgramRun.Exists("qemu-img") && ProgramRun.Exists("qemu-io");

    /// <summary>The path of the image.</summary>
    public string File { get; }

    public int ClusterBits => (int)U32(20);

    public int ClusterSize => 1 << ClusterBits;

    public long L1 => (long)U64(40);

    public long RefcountTable => (long)U64(48);

    /// <summary>The first L2 table.</summary>
    public long L2 => (long)(U64(L1) & OffsetMask);

    /// <summary>The first refcount block.</summary>
    public long RefcountBlock => (long)(U64(RefcountTable) & ~511ul);

    /// <summary>The data of the bitmaps extension.</summary>
    public long Extension
    {
        get
        {
            long at = U32(100);
            while (U32(at) != BitmapsExtension)
            {
                Assert.NotEqual(0u, U32(at));
                at += 8 + ((U32(at + 4) + 7) & ~7L);
            }
            return at + 8;
        }
    }

    /// <summary>The first entry of the bitmap directory.</summary>
    public long Directory0 => (long)U64(Extension + 16);

    public uint U32(long at) => BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan((int)at));

    public ulong U64(long at) => BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan((int)at));

    public void Put(long at, ulong value) => BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan((int)at), value);

    public void Put(long at, uint value) => BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan((int)at), value);

    public void Put(long at, ushort value) => BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan((int)at), value);

    public void Put(long at, byte value) => bytes[at] = value;

    public void Or(long at, ulong value) => Put(at, U64(at) | value);

    public void CutTo(long length) => bytes = bytes[..(int)length];

    /// <summary>The bytes as they are in memory.</summary>
    public ReadOnlySpan<byte> Bytes => bytes;

    /// <summary>Reads the file anew.</summary>
    public void Load() => bytes = System.IO.File.ReadAllBytes(File);

    /// <summary>Writes what was changed into the file.</summary>
    public void Save() => System.IO.File.WriteAllBytes(File, bytes);

    /// <summary>A further copy of the file as it is now.</summary>
    public string Copy(string name)
    {
        var copy = Path.Combine(folder, name);
        System.IO.File.Copy(File, copy, overwrite: true);
        return copy;
    }

    public void QemuIo(params string[] commands) =>
        _ = ProgramRun.Of("qemu-io", [.. commands.SelectMany(static c => new[] { "-c", c }), "-f", "qcow2", File]).MustSucceed();

    public void QemuImg(params string[] arguments) => _ = ProgramRun.Of("qemu-img", arguments).MustSucceed();

    public void Dispose() => System.IO.Directory.Delete(folder, recursive: true);
}
