using Tidemark.Core.Schema;

namespace Tidemark.Drivers.Qcow2.Options;

/// <summary>How an image is encrypted. Read so that the options have the reference's form; refused when used.</summary>
[Schema(Discriminator = "format")]
internal abstract partial record BlockdevQcow2Encryption
{
    /// <summary>The old way, AES-CBC.</summary>
    [Branch("aes")]
    public sealed partial record Aes(string? KeySecret = null) : BlockdevQcow2Encryption;

    /// <summary>LUKS.</summary>
    [Branch("luks")]
    public sealed partial record Luks(string? KeySecret = null) : BlockdevQcow2Encryption;
}
