namespace Tidemark.Block.Contract;

/// <summary>How the value of a creation option is read.</summary>
public enum CreateOptionType
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>"on" or "off".</summary>
    OnOff,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary>Bytes, with an optional suffix k, M, G, T, P or E.</summary>
    Size,
}
