using Tidemark.Core.Schema;

namespace Tidemark.Control.Objects;

/// <summary>How a secret is written down (QCryptoSecretFormat).</summary>
[Schema(Name = "QCryptoSecretFormat")]
public enum SecretFormat
{
    /// <summary>As UTF-8.</summary>
    Raw,

    /// <summary>As base64, for any bytes.</summary>
    Base64,
}
