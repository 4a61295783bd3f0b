using System.Text;
using Tidemark.Nbd.MetaContext;
using Tidemark.Nbd.Wire;

namespace Tidemark.Nbd.Handshake;

/// <content>The options one by one (NBD protocol, "Option types").</content>
public sealed partial class ServerNegotiation
{
    private const int ReservedZeroes = 124;

    private void EnterByName(ReadOnlySpan<byte> name)
    {
        // This option can't be refused: "the server MUST terminate the session".
        var export = Style != ReplyStyle.Extended && WireText.IsName(name) ? Find(name) : null;
        if (export is null || IsShuttingDown)
        {
            End(export is null ? "no such export" : "shutting down");
            return;
        }
        var info = SessionInfo(export, obeysBlockSize: false);
        output.Put64((ulong)info.SizeBytes);
        output.Put16((ushort)info.Flags);
        if ((client & HandshakeFlags.NoZeroes) == 0)
        {
            output.PutZeroes(ReservedZeroes);
        }
        Enter(export, info);
    }

    private void AnswerList()
    {
        foreach (var export in directory.List)
        {
            var nameBytes = Encoding.UTF8.GetByteCount(export.Name);
            var descriptionBytes = export.Description is null ? 0 : Encoding.UTF8.GetByteCount(export.Description);
            Reply(OptionType.List, OptionReplyType.Server, (uint)(sizeof(uint) + nameBytes + descriptionBytes));
            output.PutCounted(export.Name);
            output.PutText(export.Description ?? "");
        }
        Acknowledge(OptionType.List);
    }

    private void AnswerInfo(OptionType option, ReadOnlySpan<byte> data)
    {
        if (!InfoRequest.TryParse(data, option, out var request, out var error))
        {
            Refuse(option, OptionReplyType.ErrInvalid, error);
            return;
        }
        if (Find(request.Name) is not { } export)
        {
            RefuseUnknownExport(option, request.Name);
            return;
        }
        if (request.WantsName)
        {
            PutInfo(option, InfoType.Name, Encoding.UTF8.GetByteCount(export.Name));
            output.PutText(export.Name);
        }
        if (export.Description is { } description)
        {
            PutInfo(option, InfoType.Description, Encoding.UTF8.GetByteCount(description));
            output.PutText(description);
        }
        var info = SessionInfo(export, request.WantsBlockSize || option == OptionType.Info);
        PutInfo(option, InfoType.BlockSize, 3 * sizeof(uint));
        output.Put32(info.MinimumBlock);
        output.Put32(info.PreferredBlock);
        output.Put32(info.MaximumPayload);
        PutInfo(option, InfoType.Export, sizeof(ulong) + sizeof(ushort));
        output.Put64((ulong)info.SizeBytes);
        output.Put16((ushort)info.Flags);
        Acknowledge(option);
        if (option == OptionType.Go)
        {
            Enter(export, info);
        }
    }

    private void AnswerStructuredReply()
    {
        if (Style == ReplyStyle.Extended)
        {
            Refuse(OptionType.StructuredReply, OptionReplyType.ErrExtendedHeadersRequired, "extended headers already negotiated");
            return;
        }
        if (Style == ReplyStyle.Structured)
        {
            Refuse(OptionType.StructuredReply, OptionReplyType.ErrInvalid, "structured reply already negotiated");
            return;
        }
        Style = ReplyStyle.Structured;
        Acknowledge(OptionType.StructuredReply);
    }

    private void AnswerExtendedHeaders()
    {
        if (Style == ReplyStyle.Extended)
        {
            Refuse(OptionType.ExtendedHeaders, OptionReplyType.ErrInvalid, "extended headers already negotiated");
            return;
        }
        Style = ReplyStyle.Extended;
        Acknowledge(OptionType.ExtendedHeaders);
    }

    private void AnswerContexts(OptionType option, ReadOnlySpan<byte> data)
    {
        // "Issuing this command replaces all previously-set metadata contexts (including when this command fails)."
        ForgetContextsOn(option);
        var listing = option == OptionType.ListMetaContext;
        if (!listing && Style == ReplyStyle.Simple)
        {
            Refuse(
                option,
                OptionReplyType.ErrInvalid,
                $"request option '{option.Describe()}' when structured reply is not negotiated"
            );
            return;
        }
        if (!ContextRequest.TryParse(data, option, out var request, out var error))
        {
            Refuse(option, OptionReplyType.ErrInvalid, error);
            return;
        }
        if (Find(request.Name) is not { } export)
        {
            RefuseUnknownExport(option, request.Name);
            return;
        }
        var offered = export.Contexts;
        var chosen = listing && request.Left == 0 ? [.. offered] : Choose(offered, ref request, listing);
        foreach (var context in chosen)
        {
            Reply(option, OptionReplyType.MetaContext, (uint)(sizeof(uint) + Encoding.UTF8.GetByteCount(context.Name)));
            output.Put32(listing ? 0 : context.Id);
            output.PutText(context.Name);
        }
        Acknowledge(option);
        if (!listing)
        {
            (contextsOf, contexts) = (export.Name, chosen);
        }
    }

    private static List<OfferedContext> Choose(IReadOnlyList<OfferedContext> offered, ref ContextRequest request, bool listing)
    {
        var wanted = new bool[offered.Count];
        while (request.Left > 0)
        {
            var query = request.TakeQuery();
            for (var i = 0; i < wanted.Length; i++)
            {
                wanted[i] = wanted[i] || ContextQuery.Matches(query, offered[i].Name, listing);
            }
        }
        return [.. offered.Where((_, i) => wanted[i])];
    }

    private void ForgetContextsOn(OptionType option)
    {
        if (option == OptionType.SetMetaContext)
        {
            (contextsOf, contexts) = (null, []);
        }
    }

    private OfferedExport? Find(ReadOnlySpan<byte> name) => WireText.Decode(name) is { } text ? directory.Find(text) : null;

    private void RefuseUnknownExport(OptionType option, ReadOnlySpan<byte> name) =>
        Refuse(option, OptionReplyType.ErrUnknown, $"export '{WireText.ForPeople(name)}' not present");

    private ExportInfo SessionInfo(OfferedExport export, bool obeysBlockSize)
    {
        var info = export.Describe();
        var flags = info.Flags;
        if (Style != ReplyStyle.Simple)
        {
            flags |= TransmissionFlags.DontFragment;
        }
        if (Style == ReplyStyle.Extended && contexts.Count > 0 && contextsOf == export.Name)
        {
            flags |= TransmissionFlags.BlockStatusPayload;
        }
        // A client that didn't ask gets 1: requests of any alignment work, only slower.
        return info with { Flags = flags, MinimumBlock = obeysBlockSize ? info.MinimumBlock : 1 };
    }

    private void Enter(OfferedExport export, ExportInfo info)
    {
        if (contextsOf != export.Name)
        {
            // Contexts count only for the export for which they were chosen.
            contexts = [];
        }
        (Export, Info, step) = (export, info, Step.Transmission);
    }

    private void PutInfo(OptionType option, InfoType type, int length)
    {
        Reply(option, OptionReplyType.Info, (uint)(sizeof(ushort) + length));
        output.Put16((ushort)type);
    }
}
