using Tidemark.Core.Schema;

namespace Tidemark.Drivers.Qcow2.Amend;

/// <summary>What can be changed; QMP's BlockdevAmendOptionsQcow2.</summary>
[Schema(Name = "BlockdevAmendOptionsQcow2")]
internal sealed partial record Qcow2AmendOptions(Qcow2AmendEncryption? Encrypt = null);

/// <summary>What can be changed of the encryption; QMP's QCryptoBlockAmendOptions.</summary>
[Schema(Name = "QCryptoBlockAmendOptions", Discriminator = "format")]
internal abstract partial record Qcow2AmendEncryption
{
    /// <summary>Nothing, of the old way.</summary>
    [Branch("qcow")]
    public sealed partial record Qcow() : Qcow2AmendEncryption;

    /// <summary>A key slot of LUKS. <c>IterTime</c> in milliseconds.</summary>
    [Branch("luks")]
    public sealed partial record Luks(
        LuksKeySlotState State,
        string? NewSecret = null,
        string? OldSecret = null,
        long? Keyslot = null,
        long? IterTime = null,
        string? Secret = null
    ) : Qcow2AmendEncryption;
}

/// <summary>What is to become of a key slot; QMP's QCryptoBlockLUKSKeyslotState.</summary>
[Schema(Name = "QCryptoBlockLUKSKeyslotState")]
internal enum LuksKeySlotState
{
    Active,
    Inactive,
}
