using Tidemark.Nbd;
using Tidemark.Nbd.Transmission;
using NbdLimits = Tidemark.Nbd.Limits;

namespace Tidemark.Exports.Nbd;

/// <summary>
/// What a request must keep to before any node sees it. The texts are the reference's, and so is the error: it answers
/// EINVAL to whatever is wrong with a request itself, also to writes beyond the end or to a read-only export.
/// </summary>
internal static class RequestRules
{
    /// <summary>Null if the request may be served, else what is wrong with it. Offset and length then lie within the export.</summary>
    public static string? Check(in RequestHeader request, ReplyStyle style, ulong size, bool writable, bool hasContexts)
    {
        var type = request.Type;
        if (type > CommandType.BlockStatus || type == CommandType.Disconnect)
        {
            return $"invalid request type ({(ushort)type}) received";
        }
        if (type is (CommandType.Read or CommandType.Write or CommandType.Cache) && request.Length > NbdLimits.MaxPayloadBytes)
        {
            return TooLong(request);
        }
        if (!writable && type is (CommandType.Write or CommandType.WriteZeroes or CommandType.Trim))
        {
            return "Export is read-only";
        }
        if (type != CommandType.Flush && (request.Offset > size || request.Length > size - request.Offset))
        {
            return $"operation past EOF; From: {request.Offset}, Len: {request.Length}, Size: {size}";
        }
        if ((request.Flags & ~type.AllowedFlags(style)) != 0)
        {
            return $"unsupported flags for command {type.Describe()} (got 0x{(ushort)request.Flags:x})";
        }
        if (type == CommandType.Write && style == ReplyStyle.Extended && (request.Flags & CommandFlags.PayloadLength) == 0)
        {
            return "command write without its payload flag";
        }
        if (type == CommandType.BlockStatus)
        {
            return !hasContexts ? "CMD_BLOCK_STATUS not negotiated"
                : request.Length == 0 ? "need non-zero length"
                : null;
        }
        return null;
    }

    /// <summary>What is said to a request with more data than is allowed.</summary>
    public static string TooLong(in RequestHeader request) =>
        $"len ({request.Length} ) is larger than max len ({NbdLimits.MaxPayloadBytes})";

    /// <summary>What is said to a request without the right magic.</summary>
    public static string BadMagic(uint magic) => $"invalid magic (got 0x{magic:x})";
}
