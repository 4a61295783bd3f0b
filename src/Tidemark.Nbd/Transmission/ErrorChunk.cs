using Tidemark.Nbd.Wire;

namespace Tidemark.Nbd.Transmission;

/// <summary>Payload of an error chunk (NBD protocol, "NBD_REPLY_TYPE_ERROR", "NBD_REPLY_TYPE_ERROR_OFFSET").</summary>
internal readonly record struct ErrorChunk(NbdError Error, string Message)
{
    /// <summary>Longest payload that a client takes, bytes: the fields, a message of 4096 bytes and an offset.</summary>
    public const int MaxPayload = sizeof(uint) + sizeof(ushort) + Limits.MaxStringBytes + sizeof(ulong);

    /// <summary>Parses a payload; false when it is malformed. What an unknown kind of error has behind the message is ignored.</summary>
    public static bool TryParse(ReadOnlySpan<byte> payload, out ErrorChunk chunk)
    {
        var reader = new WireReader(payload);
        var error = (NbdError)reader.Take32();
        var message = reader.Take(reader.Take16());
        chunk = new ErrorChunk(error == NbdError.None ? NbdError.InvalidArgument : error, WireText.ForPeople(message));
        return !reader.Failed;
    }
}
