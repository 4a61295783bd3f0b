using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Testing;

namespace Tidemark.Drivers.Tests.Qcow2.Check;

/// <summary>Repairs that are interrupted at every write: what is left can be repaired as well, and the guest's data is untouched.</summary>
public sealed class RepairFaultTests
{
    private static readonly Dictionary<string, Action<PatchedImage>> Damages = new()
    {
        ["a refcount is zero, so all are counted anew"] = static i => i.Put(i.RefcountBlock + 10, (ushort)0),
        ["a refcount is too low"] = static i =>
        {
            i.Put(i.L2 + (8 * 17), i.U64(i.L2));
            i.Put(i.L2 + (8 * 18), 0ul);
        },
        ["clusters have leaked"] = static i =>
        {
            i.Put(i.L2 + (8 * 16), 0ul);
            i.Put(i.L2 + (8 * 17), 0ul);
        },
        ["flags are missing"] = static i =>
        {
            i.Put(i.L2, i.U64(i.L2) & ~(1ul << 63));
            i.Put(i.L1, i.U64(i.L1) & ~(1ul << 63));
        },
        ["the refcount table names itself"] = static i => i.Put(i.RefcountTable, (ulong)i.RefcountTable),
    };

    public static TheoryData<string, bool> Cases =>
        [.. from damage in Damages.Keys from stays in new[] { false, true } select (damage, stays)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task An_interrupted_repair_can_be_repeated(string damage, bool staysBroken)
    {
        Assert.SkipUnless(PatchedImage.CanRun, "qemu-img is not installed");
        using var image = new PatchedImage("4M", "", "write -P 17 0 64k", "write -P 34 1M 200k", "write -P 51 3000000 5000");
        Damages[damage](image);
        image.Save();
        const ImageRepair all = ImageRepair.Leaks | ImageRepair.Errors;
        for (var n = 1; ; n++)
        {
            var copy = image.Copy("copy.qcow2");
            using (var storage = new FileCheckStorage(copy) { FailWrite = n, StaysBroken = staysBroken })
            {
                try
                {
                    _ = await (await CheckTrial.CreateAsync(storage, all, static _ => { })).CheckAsync();
                }
                catch (BlockException)
                {
                    // It could not be repaired this time.
                }
                if (storage.Writes < n)
                {
                    Assert.InRange(n, 2, 100);
                    return;
                }
            }
            var again = await CheckTrial.OfOursAsync(copy, all);
            Assert.True(again.Result is { Corruptions: 0, Leaks: 0, CheckErrors: 0 }, $"write {n}: {again.Lines}");
            _ = ProgramRun.Of("qemu-img", "check", "-f", "qcow2", copy).MustSucceed();
            _ = ProgramRun.Of("qemu-img", "compare", "-f", "qcow2", "-F", "qcow2", copy, image.File).MustSucceed();
        }
    }
}
