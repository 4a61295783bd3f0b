using Tidemark.Nbd.Handshake;
using Tidemark.Nbd.MetaContext;

namespace Tidemark.Nbd.Client;

/// <summary>What a client's handshake ended with.</summary>
internal readonly record struct NbdSession(ReplyStyle Style, ExportInfo Export, IReadOnlyList<OfferedContext> Contexts);
