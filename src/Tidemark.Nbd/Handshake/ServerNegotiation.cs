using System.Buffers;
using System.Buffers.Binary;
using Tidemark.Core.Errors;
using Tidemark.Nbd.MetaContext;
using Tidemark.Nbd.Wire;

namespace Tidemark.Nbd.Handshake;

/// <summary>
/// The server's side of a fixed newstyle handshake (NBD protocol, "Handshake"), as a machine without I/O: it is fed what
/// the client sent and writes what to answer. Whoever owns the channel moves the bytes and keeps the time limit.
/// <code>
///   greeting → client flags → option* → transmission | end
/// </code>
/// An option is looked at once it is there whole; one that is too long to keep is skipped as it arrives, so that
/// <see cref="BufferBytes"/> of input are always enough to make progress.
/// </summary>
public sealed partial class ServerNegotiation
{
    /// <summary>Size of a receive buffer that holds whatever must be seen whole, bytes.</summary>
    public const int BufferBytes = OptionHeader.Size + Limits.MaxParsedOptionBytes;

    private readonly ExportDirectory directory;
    private readonly ArrayBufferWriter<byte> output;
    private Step step = Step.ClientFlags;
    private HandshakeFlags client;
    private OptionHeader skipping;
    private uint skipBytes;
    private string? contextsOf;
    private List<OfferedContext> contexts = [];

    /// <summary>A handshake that offers <paramref name="directory"/> and writes its answers to <paramref name="output"/>, the greeting at once.</summary>
    public ServerNegotiation(ExportDirectory directory, ArrayBufferWriter<byte> output)
    {
        (this.directory, this.output) = (directory, output);
        output.Put64(NbdMagic.Init);
        output.Put64(NbdMagic.Option);
        output.Put16((ushort)(HandshakeFlags.FixedNewstyle | HandshakeFlags.NoZeroes));
    }

    private enum Step
    {
        ClientFlags,
        Option,
        Skip,
        Transmission,
        Ended,
    }

    /// <summary>The shape of headers that was agreed upon so far.</summary>
    public ReplyStyle Style { get; private set; }

    /// <summary>The export that was chosen, once in transmission.</summary>
    public OfferedExport? Export { get; private set; }

    /// <summary>What the client was told of it, once in transmission.</summary>
    public ExportInfo Info { get; private set; }

    /// <summary>The contexts that block status replies are about, once in transmission.</summary>
    public IReadOnlyList<OfferedContext> Contexts => contexts;

    /// <summary>Why it ended without an export, for the log.</summary>
    public string EndReason { get; private set; } = "";

    /// <summary>Whether the server is going away: every further option is refused with NBD_REP_ERR_SHUTDOWN.</summary>
    public bool IsShuttingDown { get; set; }

    /// <summary>
    /// Takes at most one message off <paramref name="input"/> (all that arrived and wasn't consumed yet) and says in
    /// <paramref name="consumed"/> how much that was: 0 while it isn't whole. The answer may be large, so send it before
    /// the next call.
    /// </summary>
    public NegotiationState Advance(ReadOnlySpan<byte> input, out int consumed)
    {
        consumed = 0;
        switch (step)
        {
            case Step.ClientFlags:
                TakeClientFlags(input, ref consumed);
                break;
            case Step.Option:
                TakeOption(input, ref consumed);
                break;
            case Step.Skip:
                Skip(input, ref consumed);
                break;
        }
        return step switch
        {
            Step.Transmission => NegotiationState.Transmission,
            Step.Ended => NegotiationState.Ended,
            _ => NegotiationState.Haggling,
        };
    }

    private void TakeClientFlags(ReadOnlySpan<byte> input, ref int consumed)
    {
        if (input.Length < sizeof(uint))
        {
            return;
        }
        consumed = sizeof(uint);
        client = (HandshakeFlags)BinaryPrimitives.ReadUInt32BigEndian(input);
        step = Step.Option;
        if ((client & ~(HandshakeFlags.FixedNewstyle | HandshakeFlags.NoZeroes)) != 0)
        {
            End($"unknown client flags 0x{(uint)client:x}");
        }
    }

    private void TakeOption(ReadOnlySpan<byte> input, ref int consumed)
    {
        if (input.Length < OptionHeader.Size)
        {
            return;
        }
        if (!OptionHeader.TryParse(input, out var header))
        {
            consumed = OptionHeader.Size;
            End("bad option magic");
            return;
        }
        var isFixed = (client & HandshakeFlags.FixedNewstyle) != 0;
        if (header.Length > Limits.MaxOptionBytes || (!isFixed && header.Option != OptionType.ExportName))
        {
            // Newstyle that isn't fixed knows one option only and can't say no.
            consumed = OptionHeader.Size;
            End(isFixed ? $"option {(uint)header.Option} of {header.Length} bytes" : "option of a client without fixed newstyle");
            return;
        }
        if (header.Length > Limits.MaxParsedOptionBytes)
        {
            consumed = OptionHeader.Size;
            (skipping, skipBytes, step) = (header, header.Length, Step.Skip);
            return;
        }
        var size = OptionHeader.Size + (int)header.Length;
        if (input.Length >= size)
        {
            consumed = size;
            Answer(header.Option, input[OptionHeader.Size..size]);
        }
    }

    private void Skip(ReadOnlySpan<byte> input, ref int consumed)
    {
        consumed = (int)Math.Min(skipBytes, (uint)input.Length);
        skipBytes -= (uint)consumed;
        if (skipBytes > 0)
        {
            return;
        }
        step = Step.Option;
        switch (skipping.Option)
        {
            case OptionType.ExportName:
                End("export name too long");
                break;
            case OptionType.Abort:
                Acknowledge(skipping.Option);
                End("client aborted");
                break;
            case OptionType.Info or OptionType.Go or OptionType.ListMetaContext or OptionType.SetMetaContext:
                ForgetContextsOn(skipping.Option);
                Refuse(skipping.Option, OptionReplyType.ErrTooBig, $"option '{skipping.Option.Describe()}' is too long");
                break;
            default:
                RefuseWithData(skipping.Option);
                break;
        }
    }

    private void Answer(OptionType option, ReadOnlySpan<byte> data)
    {
        if (IsShuttingDown && option is not (OptionType.Abort or OptionType.ExportName))
        {
            Refuse(option, OptionReplyType.ErrShutdown, "Server is shutting down");
            return;
        }
        switch (option)
        {
            case OptionType.ExportName:
                EnterByName(data);
                break;
            case OptionType.Abort:
                Acknowledge(option);
                End("client aborted");
                break;
            case OptionType.Info or OptionType.Go:
                AnswerInfo(option, data);
                break;
            case OptionType.ListMetaContext or OptionType.SetMetaContext:
                AnswerContexts(option, data);
                break;
            case var _ when !data.IsEmpty:
                RefuseWithData(option);
                break;
            case OptionType.List:
                AnswerList();
                break;
            case OptionType.StartTls:
                Refuse(option, OptionReplyType.ErrPolicy, "TLS not configured");
                break;
            case OptionType.StructuredReply:
                AnswerStructuredReply();
                break;
            case OptionType.ExtendedHeaders:
                AnswerExtendedHeaders();
                break;
            default:
                RefuseWithData(option);
                break;
        }
    }

    private void End(string reason)
    {
        Invariant.That(step != Step.Ended, "a handshake ends once");
        EndReason = reason;
        step = Step.Ended;
    }

    private void Acknowledge(OptionType option) => Reply(option, OptionReplyType.Ack, 0);

    private void Refuse(OptionType option, OptionReplyType error, string message)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(message);
        var length = Math.Min(bytes.Length, Limits.MaxStringBytes);
        Reply(option, error, (uint)length);
        output.PutBytes(bytes.AsSpan(0, length));
    }

    /// <summary>Refuses an option that takes no data but had some, or that isn't known at all.</summary>
    private void RefuseWithData(OptionType option)
    {
        if (option is OptionType.List or OptionType.StartTls or OptionType.StructuredReply or OptionType.ExtendedHeaders)
        {
            Refuse(option, OptionReplyType.ErrInvalid, $"option '{option.Describe()}' has unexpected length");
        }
        else
        {
            Refuse(option, OptionReplyType.ErrUnsupported, $"Unsupported option {(uint)option} ({option.Describe()})");
        }
    }

    private void Reply(OptionType option, OptionReplyType type, uint length)
    {
        new OptionReplyHeader(option, type, length).Write(output.GetSpan(OptionReplyHeader.Size));
        output.Advance(OptionReplyHeader.Size);
    }
}
