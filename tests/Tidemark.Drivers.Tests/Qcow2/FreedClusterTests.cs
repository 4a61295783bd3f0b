using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using Tidemark.Testing;

namespace Tidemark.Drivers.Tests.Qcow2;

/// <summary>Clusters that lose their last reference while a request that found them before is still under way.</summary>
public sealed class FreedClusterTests
{
    private const int Cluster = 4096;
    private const int Clusters = 16;

    [Fact]
    public void A_cluster_is_not_given_away_while_somebody_reads_it()
    {
        for (var seed = 1; seed <= 200; seed++)
        {
            LoopTest.Simulate(
                seed,
                async engine =>
                {
                    await using var world = new ImageWorld(engine);
                    await world.CreateAsync("disk", 1 << 20, ("cluster_size", Cluster));
                    var image = await world.OpenAsync("disk", new() { ["pass-discard-request"] = false });
                    await ImageWorld.FillAsync(image, 0, Clusters * Cluster, 0x11);
                    await ImageWorld.MustAsync(image.FlushAsync());
                    var data = Enumerable.Range(0, Clusters).Select(_ => new byte[Cluster]).ToArray();
                    var reads = data.Select((target, i) => image.ReadAsync(Number(i), target).AsTask()).ToArray();
                    await ImageWorld.MustAsync(image.DiscardAsync(new ByteRange(0, Clusters * Cluster)));
                    await ImageWorld.MustAsync(image.FlushAsync());
                    for (var i = Clusters; i < 3 * Clusters; i++)
                    {
                        await ImageWorld.FillAsync(image, i * Cluster, Cluster, 0x22);
                    }
                    Assert.All(await Task.WhenAll(reads), status => Assert.Equal(IoStatus.Ok, status));
                    Assert.All(data, cluster => Assert.DoesNotContain((byte)0x22, cluster));
                }
            );
        }
    }

    private static ByteRange Number(int cluster) => new(cluster * Cluster, Cluster);
}
