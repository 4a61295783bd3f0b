namespace Tidemark.Interop.Tests.Migration;

/// <summary>Whose machine it is.</summary>
public enum MachineKind
{
    /// <summary>Ours.</summary>
    Ours,

    /// <summary>The reference's.</summary>
    Real,
}
