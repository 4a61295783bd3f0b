namespace Tidemark.Nbd;

/// <summary>The numbers by which each kind of message is known (NBD protocol, "Protocol phases").</summary>
internal static class NbdMagic
{
    /// <summary>First eight bytes that a server says: "NBDMAGIC".</summary>
    public const ulong Init = 0x4e42444d41474943;

    /// <summary>Newstyle, and before each option: "IHAVEOPT".</summary>
    public const ulong Option = 0x49484156454F5054;

    /// <summary>Oldstyle negotiation, in place of <see cref="Option"/>.</summary>
    public const ulong Oldstyle = 0x00420281861253;

    /// <summary>Before each reply to an option.</summary>
    public const ulong OptionReply = 0x0003e889045565a9;

    /// <summary>Request of 28 bytes.</summary>
    public const uint Request = 0x25609513;

    /// <summary>Simple reply.</summary>
    public const uint SimpleReply = 0x67446698;

    /// <summary>Structured reply chunk.</summary>
    public const uint StructuredReply = 0x668e33ef;

    /// <summary>Request of 32 bytes.</summary>
    public const uint ExtendedRequest = 0x21e41c71;

    /// <summary>Reply chunk with a header of 32 bytes.</summary>
    public const uint ExtendedReply = 0x6e8a278c;
}
