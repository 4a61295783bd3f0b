using Tidemark.Core.Schema;

namespace Tidemark.Qmp.Wire;

/// <summary>What a client may switch on when it negotiates.</summary>
[Schema(Name = "QMPCapability")]
public enum QmpCapability
{
    /// <summary>Commands may be executed out of band, and several requests may be under way.</summary>
    Oob,
}
