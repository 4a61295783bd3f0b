using Tidemark.Core.Errors;
using Tidemark.Nbd.Handshake;
using Tidemark.Nbd.Wire;

namespace Tidemark.Nbd.Client;

/// <content>Messages to and fro, and what is said when they are wrong.</content>
internal sealed partial class ClientHandshake
{
    private static BlockException Broken(string what) => new(BlockErrorKind.Io, what) { Status = IoStatus.InvalidArgument };

    private void BeginOption(OptionType option, int length)
    {
        new OptionHeader(option, (uint)length).Write(output.GetSpan(OptionHeader.Size));
        output.Advance(OptionHeader.Size);
    }

    private async ValueTask FlushAsync()
    {
        var status = await channel.SendAsync(output.WrittenMemory);
        output.ResetWrittenCount();
        if (status != IoStatus.Ok)
        {
            throw new BlockException(status, "Failed to send to server");
        }
    }

    private async ValueTask FillAsync(int count)
    {
        var status = await reader.FillAsync(count);
        if (status != IoStatus.Ok)
        {
            throw new BlockException(status, "Failed to read from server");
        }
    }

    /// <summary>The next reply, with its data at the front of the reader, still to be consumed.</summary>
    private async ValueTask<OptionReplyHeader> ReceiveReplyAsync(OptionType option)
    {
        await FillAsync(OptionReplyHeader.Size);
        if (!OptionReplyHeader.TryParse(reader.Available, out var header) || header.Option != option)
        {
            throw Broken("Server sent something other than a reply to the option");
        }
        if (header.Length > Limits.MaxOptionReplyBytes)
        {
            throw Broken("Server sent a reply that is too long");
        }
        reader.Consume(OptionReplyHeader.Size);
        await FillAsync((int)header.Length);
        return header;
    }

    private BlockException Refusal(OptionReplyHeader reply)
    {
        var said = WireText.ForPeople(reader.Available[..(int)reply.Length]);
        var option = reply.Option.Describe();
        var (kind, status, text) = reply.Type switch
        {
            OptionReplyType.ErrUnknown => (BlockErrorKind.NotFound, IoStatus.NotFound, "Requested export not available"),
            OptionReplyType.ErrPolicy => (
                BlockErrorKind.AccessDenied,
                IoStatus.NotPermitted,
                $"Server's policy denies option '{option}'"
            ),
            OptionReplyType.ErrTlsRequired => (
                BlockErrorKind.AccessDenied,
                IoStatus.NotPermitted,
                "Server requires TLS, which isn't supported"
            ),
            OptionReplyType.ErrShutdown => (BlockErrorKind.Io, IoStatus.Shutdown, "Server is shutting down"),
            OptionReplyType.ErrInvalid => (
                BlockErrorKind.InvalidOptions,
                IoStatus.InvalidArgument,
                $"Server found option '{option}' invalid"
            ),
            _ => (
                BlockErrorKind.NotSupported,
                IoStatus.NotSupported,
                $"Server refused option '{option}' with error 0x{(uint)reply.Type:x}"
            ),
        };
        return new BlockException(kind, text) { Status = status, Hint = said.Length > 0 ? $"server reported: {said}" : null };
    }
}
