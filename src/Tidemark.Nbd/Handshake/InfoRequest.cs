using System.Buffers;
using Tidemark.Nbd.Wire;

namespace Tidemark.Nbd.Handshake;

/// <summary>Data of NBD_OPT_INFO and NBD_OPT_GO: an export's name and what the client wants to know of it.</summary>
internal readonly ref struct InfoRequest
{
    private InfoRequest(ReadOnlySpan<byte> name, bool wantsName, bool wantsBlockSize)
    {
        Name = name;
        WantsName = wantsName;
        WantsBlockSize = wantsBlockSize;
    }

    /// <summary>The export's name as it came.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>Whether the canonical name was asked for.</summary>
    public bool WantsName { get; }

    /// <summary>Whether the client asked for block sizes, and so promised to keep to them.</summary>
    public bool WantsBlockSize { get; }

    /// <summary>Parses the data; when it is malformed returns false, with the reason for the client in <paramref name="error"/>.</summary>
    public static bool TryParse(ReadOnlySpan<byte> data, OptionType option, out InfoRequest request, out string error)
    {
        request = default;
        var reader = new WireReader(data);
        if (!ExportNameField.TryTake(ref reader, option, out var name, out error))
        {
            return false;
        }
        bool wantsName = false,
            wantsBlockSize = false;
        for (var left = reader.Take16(); left > 0 && !reader.Failed; left--)
        {
            switch ((InfoType)reader.Take16())
            {
                case InfoType.Name:
                    wantsName = true;
                    break;
                case InfoType.BlockSize:
                    wantsBlockSize = true;
                    break;
                default: // "The server MUST ignore any information requests it does not understand." The rest is sent unasked.
                    break;
            }
        }
        if (reader.Failed)
        {
            error = ExportNameField.Inconsistent(option);
            return false;
        }
        if (!reader.IsExhausted)
        {
            error = $"option '{option.Describe()}' has unexpected length";
            return false;
        }
        request = new InfoRequest(name, wantsName, wantsBlockSize);
        return true;
    }

    /// <summary>Writes the data that a client sends for <paramref name="name"/>, asking for <paramref name="wanted"/>.</summary>
    public static void Write(ArrayBufferWriter<byte> output, string name, params ReadOnlySpan<InfoType> wanted)
    {
        output.PutCounted(name);
        output.Put16((ushort)wanted.Length);
        foreach (var type in wanted)
        {
            output.Put16((ushort)type);
        }
    }
}
