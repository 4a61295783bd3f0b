namespace Tidemark.Nbd.Handshake;

/// <summary>How far a handshake has come.</summary>
public enum NegotiationState
{
    /// <summary>It goes on: send what was written, receive more, call again.</summary>
    Haggling,

    /// <summary>An export was chosen: send what was written; requests follow.</summary>
    Transmission,

    /// <summary>It is over: send what was written, then close.</summary>
    Ended,
}
