using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Tidemark.Core.Errors;
using Tidemark.Io.Contract;
using SocketAddress = Tidemark.Io.Contract.SocketAddress;

namespace Tidemark.Io.Linux;

/// <summary>A socket's address as the kernel lays it out (struct sockaddr_*), and back.</summary>
internal readonly unsafe struct SocketName(int family, byte[] bytes, int length)
{
    /// <summary>Room for any address that this room uses.</summary>
    public const int MaxLength = 128;

    /// <summary>sun_path holds 108 bytes, the closing zero among them.</summary>
    private const int MaxPathBytes = 107;
    private const int FamilyBytes = 2;

    public int Family => family;
    public byte[] Bytes => bytes;
    public int Length => length;

    /// <summary>Throws <see cref="BlockException"/> when the path is too long for a socket.</summary>
    public static SocketName Of(SocketAddress.Unix address)
    {
        var path = Encoding.UTF8.GetBytes(address.Path);
        if (path.Length > MaxPathBytes)
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, $"UNIX socket path '{address.Path}' is too long")
            {
                Path = address.Path,
                Hint = $"Path must be less than {MaxPathBytes + 1} bytes",
            };
        }
        var bytes = new byte[MaxLength];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, Libc.AF_UNIX);
        // An abstract name begins with a zero byte and has exactly its length; a path ends with one.
        path.CopyTo(bytes, address.IsAbstract ? FamilyBytes + 1 : FamilyBytes);
        return new SocketName(Libc.AF_UNIX, bytes, FamilyBytes + path.Length + 1);
    }

    /// <summary>struct sockaddr_vm: family, padding, port, cid, flags; in the machine's byte order.</summary>
    public static SocketName Of(SocketAddress.Vsock address)
    {
        var bytes = new byte[MaxLength];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, Libc.AF_VSOCK);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), address.Port);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), address.Cid);
        return new SocketName(Libc.AF_VSOCK, bytes, 16);
    }

    public static SocketName Of(IPAddress address, int port)
    {
        var bytes = new byte[MaxLength];
        var isOld = address.AddressFamily == AddressFamily.InterNetwork;
        var family = isOld ? Libc.AF_INET : Libc.AF_INET6;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)family);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)port);
        _ = address.TryWriteBytes(bytes.AsSpan(isOld ? 4 : 8), out _);
        if (!isOld)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(24), (uint)address.ScopeId);
        }
        return new SocketName(family, bytes, isOld ? 16 : 28);
    }

    /// <summary>Where a bound socket is.</summary>
    public static SocketAddress? Local(int descriptor)
    {
        var bytes = stackalloc byte[MaxLength];
        var length = MaxLength;
        return Libc.GetSocketName(descriptor, bytes, &length) < 0 ? null : Parse(new ReadOnlySpan<byte>(bytes, length));
    }

    /// <summary>Who is at the other end; null for an unnamed unix socket.</summary>
    public static SocketAddress? Peer(int descriptor)
    {
        var bytes = stackalloc byte[MaxLength];
        var length = MaxLength;
        return Libc.GetPeerName(descriptor, bytes, &length) < 0 ? null : Parse(new ReadOnlySpan<byte>(bytes, length));
    }

    private static SocketAddress? Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= FamilyBytes)
        {
            return null;
        }
        switch (BinaryPrimitives.ReadUInt16LittleEndian(bytes))
        {
            case Libc.AF_UNIX:
                var name = bytes[FamilyBytes..];
                return name[0] == 0
                    ? new SocketAddress.Unix(Encoding.UTF8.GetString(name[1..]), IsAbstract: true)
                    : new SocketAddress.Unix(Encoding.UTF8.GetString(name.TrimEnd((byte)0)));
            case Libc.AF_INET:
                return Inet(new IPAddress(bytes.Slice(4, 4)), bytes);
            case Libc.AF_INET6:
                return Inet(new IPAddress(bytes.Slice(8, 16)), bytes);
            default:
                return null;
        }
    }

    private static SocketAddress.Inet Inet(IPAddress address, ReadOnlySpan<byte> bytes) =>
        new(address.ToString(), BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]));
}
