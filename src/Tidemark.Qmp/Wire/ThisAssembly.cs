namespace Tidemark.Qmp.Wire;

/// <summary>What is known of this build without asking the runtime.</summary>
internal static class ThisAssembly
{
    /// <summary>The version in Directory.Build.props.</summary>
    public const string Version = "0.1.0";
}
