using Tidemark.Core.Memory;
using Tidemark.Io.Contract;
using Tidemark.Testing;

namespace Tidemark.Io.Tests.Contract;

/// <summary>An engine together with a folder for its files.</summary>
internal sealed class PlaceScope(IoEngine engine, string prefix, bool isDirect)
{
    public IoEngine Engine => engine;

    /// <summary>Requests of tests are multiples of this many bytes.</summary>
    public int Unit => isDirect ? 4096 : 1;

    public string File(string name) => $"{prefix}/{name}";

    public ValueTask<StorageFile> CreateAsync(string name) =>
        engine.OpenFileAsync(File(name), new FileOpenOptions(Writable: true, Direct: isDirect, Create: true));

    /// <summary>Seeded bytes in memory that any file takes.</summary>
    public static AlignedBuffer Pattern(int length, int seed)
    {
        var buffer = AlignedBuffer.Allocate(length);
        new Random(seed).NextBytes(buffer.GetSpan());
        return buffer;
    }

    /// <summary>Runs a body in a place; simulated ones with several seeds.</summary>
    public static void Run(Place place, Func<PlaceScope, Task> body)
    {
        var isDirect = place is Place.LinuxDirect or Place.PoolDirect or Place.SimulatedDirect;
        if (place is Place.Simulated or Place.SimulatedDirect)
        {
            for (var seed = 1; seed <= 20; seed++)
            {
                LoopTest.Simulate(seed, engine => body(new PlaceScope(engine, "", isDirect)));
            }
            return;
        }
        using var folder = place is Place.LinuxMemory or Place.PoolMemory ? TempFolder.InMemory() : TempFolder.OnDisk();
        var kind = place is Place.LinuxMemory or Place.LinuxDisk or Place.LinuxDirect ? EngineKind.Linux : EngineKind.Pool;
        LoopTest.Run(kind, engine => body(new PlaceScope(engine, folder.Path, isDirect)));
    }
}
