namespace Tidemark.Nbd;

/// <summary>Every bound of the NBD room, with its source.</summary>
public static class Limits
{
    /// <summary>Longest string, bytes of UTF-8: export names, context names, messages. NBD protocol, "Conventions": MUST be no longer than 4096.</summary>
    public const int MaxStringBytes = 4096;

    /// <summary>Longest data of one read or write, bytes. NBD protocol, "Size constraints": the default maximum payload, 2^25.</summary>
    public const int MaxPayloadBytes = 32 << 20;

    /// <summary>Preferred block size that a server advertises, bytes. NBD protocol, "Size constraints": the default, 2^12.</summary>
    public const int PreferredBlockBytes = 4096;

    /// <summary>Largest minimum block size that a server may advertise, bytes. NBD protocol, "Size constraints": 2^16.</summary>
    public const int MaxMinimumBlockBytes = 64 << 10;

    /// <summary>An option whose data is longer ends the connection: skipping it would be a service to an attacker. The reference's bound.</summary>
    public const int MaxOptionBytes = 32 << 20;

    /// <summary>
    /// An option whose data is longer is skipped and refused as too big, bytes. A name of 4096 bytes with a dozen contexts of that
    /// length fits; a client that asks for more can ask with a wildcard.
    /// </summary>
    public const int MaxParsedOptionBytes = 64 << 10;

    /// <summary>Extents in one block status chunk. NBD protocol, "NBD_REPLY_TYPE_BLOCK_STATUS": at most 2^20; a mebibyte of compact ones here.</summary>
    public const int MaxStatusExtents = (1 << 20) / 8;

    /// <summary>Data of one option reply that a client takes, bytes; what is longer breaks the protocol for us.</summary>
    public const int MaxOptionReplyBytes = 64 << 10;

    /// <summary>Replies to one option that a client takes: more contexts or exports than any server has.</summary>
    public const int MaxOptionReplies = 4096;

    /// <summary>Requests that a client has in flight on one connection; a further one waits.</summary>
    public const int MaxClientRequests = 64;

    /// <summary>Chunks out of order that a client takes in one read: it must remember each.</summary>
    public const int MaxScatteredChunks = 1024;

    /// <summary>Receive buffer of a client, bytes: small replies are gathered in it, large ones go past it.</summary>
    public const int ClientReceiveBytes = 128 << 10;

    /// <summary>Send buffer of a client, bytes: requests that are made while a send is under way go out together.</summary>
    public const int ClientSendBytes = 128 << 10;

    /// <summary>A write up to this many bytes is copied beside its header so that both go out in one send; a longer one is sent from where it lies.</summary>
    public const int ClientGatherBytes = 16 << 10;
}
