using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Nbd.Handshake;
using Tidemark.Nbd.MetaContext;
using Tidemark.Nbd.Wire;

namespace Tidemark.Nbd.Client;

/// <summary>
/// The client's side of the handshake (NBD protocol, "Handshake"): newest headers that both know, contexts, then the
/// export, by NBD_OPT_GO or, for servers that lack it, by NBD_OPT_EXPORT_NAME. Nothing that the server says is believed
/// before it was checked. Throws <see cref="BlockException"/>.
/// </summary>
internal sealed partial class ClientHandshake(ByteChannel channel, ChannelReader reader, NbdClientOptions options)
{
    private const int ReservedZeroes = 124;
    private const uint UnadvertisedBlock = 512;
    private readonly ArrayBufferWriter<byte> output = new(256);
    private HandshakeFlags common;
    private ReplyStyle style;
    private List<OfferedContext> contexts = [];

    /// <summary>Shakes hands; after it the next byte of the channel belongs to the transmission phase.</summary>
    public async ValueTask<NbdSession> RunAsync()
    {
        CheckLengths();
        await GreetAsync();
        if ((common & HandshakeFlags.FixedNewstyle) == 0)
        {
            return await EnterByNameAsync();
        }
        await AgreeOnStyleAsync();
        if (options.Contexts.Count > 0 && style != ReplyStyle.Simple)
        {
            await SelectContextsAsync();
        }
        return await GoAsync() ?? await EnterByNameAsync();
    }

    private void CheckLengths()
    {
        if (System.Text.Encoding.UTF8.GetByteCount(options.ExportName) > Limits.MaxStringBytes)
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, "export name too long to send to server");
        }
        if (options.Contexts.Any(static c => System.Text.Encoding.UTF8.GetByteCount(c) > Limits.MaxStringBytes))
        {
            throw new BlockException(BlockErrorKind.InvalidOptions, "x-dirty-bitmap query too long to send to server");
        }
    }

    private async ValueTask GreetAsync()
    {
        await FillAsync(2 * sizeof(ulong) + sizeof(ushort));
        ushort flags;
        {
            var fields = new WireReader(reader.Available);
            if (fields.Take64() != NbdMagic.Init)
            {
                throw Broken("Server isn't an NBD server: bad initial magic");
            }
            var kind = fields.Take64();
            if (kind != NbdMagic.Option)
            {
                var why = kind == NbdMagic.Oldstyle ? "Server speaks the old style of negotiation" : "Bad server magic";
                throw new BlockException(BlockErrorKind.NotSupported, why);
            }
            flags = fields.Take16();
        }
        reader.Consume(2 * sizeof(ulong) + sizeof(ushort));
        common = (HandshakeFlags)flags & (HandshakeFlags.FixedNewstyle | HandshakeFlags.NoZeroes);
        output.Put32((uint)common);
        await FlushAsync();
    }

    private async ValueTask AgreeOnStyleAsync()
    {
        if (options.MaxStyle >= ReplyStyle.Extended && await AskAsync(OptionType.ExtendedHeaders))
        {
            style = ReplyStyle.Extended;
        }
        else if (options.MaxStyle >= ReplyStyle.Structured && await AskAsync(OptionType.StructuredReply))
        {
            style = ReplyStyle.Structured;
        }
    }

    /// <summary>Sends an option without data; whether the server agreed.</summary>
    private async ValueTask<bool> AskAsync(OptionType option)
    {
        BeginOption(option, 0);
        await FlushAsync();
        var reply = await ReceiveReplyAsync(option);
        var agreed = !reply.IsError;
        if (agreed && (reply.Type != OptionReplyType.Ack || reply.Length != 0))
        {
            throw Broken($"Server sent an unexpected reply to option '{option.Describe()}'");
        }
        if (!agreed && reply.Type == OptionReplyType.ErrTlsRequired)
        {
            throw Refusal(reply);
        }
        reader.Consume((int)reply.Length);
        return agreed;
    }

    private async ValueTask SelectContextsAsync()
    {
        var data = new ArrayBufferWriter<byte>();
        ContextRequest.Write(data, options.ExportName, options.Contexts);
        BeginOption(OptionType.SetMetaContext, data.WrittenCount);
        output.PutBytes(data.WrittenSpan);
        await FlushAsync();
        for (var replies = 0; ; replies++)
        {
            var reply = await ReceiveReplyAsync(OptionType.SetMetaContext);
            if (reply.IsError)
            {
                // Without contexts everything but block status works; who needs them sees that they are missing.
                reader.Consume((int)reply.Length);
                contexts = [];
                return;
            }
            if (reply.Type == OptionReplyType.Ack)
            {
                reader.Consume((int)reply.Length);
                return;
            }
            if (reply.Type != OptionReplyType.MetaContext || replies > options.Contexts.Count)
            {
                throw Broken("Server sent an unexpected reply to the selection of metadata contexts");
            }
            TakeContext((int)reply.Length);
        }
    }

    private void TakeContext(int length)
    {
        var fields = new WireReader(reader.Available[..length]);
        var id = fields.Take32();
        var name = fields.Failed ? null : WireText.Decode(fields.Rest);
        if (
            name is null
            || !options.Contexts.Contains(name, StringComparer.Ordinal)
            || contexts.Any(c => c.Id == id || c.Name == name)
        )
        {
            throw Broken("Server sent a metadata context that wasn't asked for");
        }
        contexts.Add(new OfferedContext(id, name));
        reader.Consume(length);
    }

    /// <summary>Chooses the export; null when the server doesn't know this option.</summary>
    private async ValueTask<NbdSession?> GoAsync()
    {
        var data = new ArrayBufferWriter<byte>();
        InfoRequest.Write(data, options.ExportName, InfoType.BlockSize);
        BeginOption(OptionType.Go, data.WrittenCount);
        output.PutBytes(data.WrittenSpan);
        await FlushAsync();
        ExportInfo? export = null;
        (uint Minimum, uint Preferred, uint Maximum)? blocks = null;
        for (var replies = 0; replies < Limits.MaxOptionReplies; replies++)
        {
            var reply = await ReceiveReplyAsync(OptionType.Go);
            if (reply.IsError)
            {
                if (reply.Type == OptionReplyType.ErrUnsupported && style != ReplyStyle.Extended)
                {
                    reader.Consume((int)reply.Length);
                    return null;
                }
                throw Refusal(reply);
            }
            if (reply.Type == OptionReplyType.Ack)
            {
                reader.Consume((int)reply.Length);
                return Enter(export ?? throw Broken("Server didn't tell the size of the export"), blocks);
            }
            if (reply.Type != OptionReplyType.Info)
            {
                throw Broken("Server sent an unexpected reply to option 'go'");
            }
            TakeInfo((int)reply.Length, ref export, ref blocks);
        }
        throw Broken("Server sent too many replies to option 'go'");
    }

    private void TakeInfo(int length, ref ExportInfo? export, ref (uint Minimum, uint Preferred, uint Maximum)? blocks)
    {
        var fields = new WireReader(reader.Available[..length]);
        switch ((InfoType)fields.Take16())
        {
            case InfoType.Export:
                export = TakeExport(ref fields);
                break;
            case InfoType.BlockSize:
                blocks = (fields.Take32(), fields.Take32(), fields.Take32());
                break;
            default:
                fields = default; // "MUST ignore information types that it does not recognize"
                break;
        }
        if (fields.Failed || !fields.IsExhausted)
        {
            throw Broken("Server sent information of a wrong length");
        }
        reader.Consume(length);
    }

    private static ExportInfo TakeExport(ref WireReader fields)
    {
        var size = fields.Take64();
        var flags = (TransmissionFlags)fields.Take16();
        if (size > long.MaxValue)
        {
            throw Broken("Export is too large");
        }
        return new ExportInfo((long)size, flags);
    }

    private NbdSession Enter(ExportInfo export, (uint Minimum, uint Preferred, uint Maximum)? blocks)
    {
        if (blocks is { } sizes)
        {
            if (
                !BitOperations.IsPow2(sizes.Minimum)
                || sizes.Minimum > Limits.MaxMinimumBlockBytes
                || !BitOperations.IsPow2(sizes.Preferred)
                || sizes.Preferred < sizes.Minimum
                || sizes.Maximum < sizes.Minimum
            )
            {
                throw Broken("Server sent block sizes that make no sense");
            }
            export = export with
            {
                MinimumBlock = sizes.Minimum,
                PreferredBlock = sizes.Preferred,
                MaximumPayload = Math.Min(sizes.Maximum & ~(sizes.Minimum - 1), Limits.MaxPayloadBytes),
            };
        }
        else if (export.SizeBytes % UnadvertisedBlock == 0)
        {
            // "A client desiring maximum interoperability SHOULD constrain its requests to a minimum block size of 2^9."
            export = export with
            {
                MinimumBlock = UnadvertisedBlock,
            };
        }
        if (export.SizeBytes % export.MinimumBlock != 0)
        {
            throw Broken($"export length {export.SizeBytes} is not a multiple of the minimum block size {export.MinimumBlock}");
        }
        return new NbdSession(style, export, contexts);
    }

    private async ValueTask<NbdSession> EnterByNameAsync()
    {
        var name = System.Text.Encoding.UTF8.GetBytes(options.ExportName);
        BeginOption(OptionType.ExportName, name.Length);
        output.PutBytes(name);
        await FlushAsync();
        var length = sizeof(ulong) + sizeof(ushort) + ((common & HandshakeFlags.NoZeroes) == 0 ? ReservedZeroes : 0);
        await FillAsync(length);
        var export = TakeExport();
        reader.Consume(length);
        return Enter(export, null);
    }

    private ExportInfo TakeExport()
    {
        var fields = new WireReader(reader.Available);
        return TakeExport(ref fields);
    }
}
