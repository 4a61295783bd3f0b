using Tidemark.Core;
using Tidemark.Core.Schema;

namespace Tidemark.Qmp.Wire;

/// <summary>The version that the greeting and query-version tell.</summary>
/// <param name="Qemu">Which QEMU's wire this is.</param>
/// <param name="Package">Who really answers.</param>
[Schema]
public sealed partial record QmpVersion(QmpVersionTriple Qemu, string Package)
{
    /// <summary>The version of QEMU that we speak like, with our own name as the package.</summary>
    public static QmpVersion Current { get; } =
        new(new QmpVersionTriple(Micro: 22, Minor: 2, Major: 7), $"tidemark {ProductVersion.Text}");
}
