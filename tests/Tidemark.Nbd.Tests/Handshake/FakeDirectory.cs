using Tidemark.Nbd.Handshake;
using Tidemark.Nbd.MetaContext;

namespace Tidemark.Nbd.Tests.Handshake;

/// <summary>Two exports: "ro" with a description and four contexts, "rw" with one and a minimum block of 512.</summary>
internal sealed class FakeDirectory : ExportDirectory
{
    public override IReadOnlyCollection<OfferedExport> List { get; } =
    [
        new FakeExport(
            "ro",
            "hello",
            new ExportInfo(64 << 20, (TransmissionFlags)0x50f),
            [
                new(0, ContextNames.BaseAllocation),
                new(1, ContextNames.AllocationDepth),
                new(2, ContextNames.DirtyBitmap("b0")),
                new(3, ContextNames.DirtyBitmap("fine")),
            ]
        ),
        new FakeExport(
            "rw",
            null,
            new ExportInfo(32 << 20, (TransmissionFlags)0xd6d, 512),
            [new(0, ContextNames.BaseAllocation)]
        ),
    ];

    public override OfferedExport? Find(string name) => List.FirstOrDefault(e => e.Name == name);

    private sealed class FakeExport(string name, string? description, ExportInfo info, OfferedContext[] contexts) : OfferedExport
    {
        public override string Name => name;

        public override string? Description => description;

        public override IReadOnlyList<OfferedContext> Contexts => contexts;

        public override ExportInfo Describe() => info;
    }
}
