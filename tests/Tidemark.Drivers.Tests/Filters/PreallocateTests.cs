using Tidemark.Core.Errors;
using Tidemark.Core.Units;
using static Tidemark.Drivers.Tests.Filters.SimulatedWorld;

namespace Tidemark.Drivers.Tests.Filters;

public sealed class PreallocateTests
{
    private const int Ahead = 1 << 20;

    [Fact]
    public void A_file_grows_by_large_steps_and_is_cut_at_the_end() =>
        Run(
            1,
            async world =>
            {
                await world.ImageAsync("/disk", 8 << 20);
                var disk = await world.AddAsync(
                    $"{{'driver':'qcow2','node-name':'disk','file':{{'driver':'preallocate','node-name':'ahead','prealloc-size':{Ahead},"
                        + "'prealloc-align':65536,'file':{'driver':'file','filename':'/disk','node-name':'file'}}}"
                );
                var file = world.Graph.Require("file");
                var sizes = new HashSet<long>();
                await using (var user = Use(disk))
                {
                    for (var i = 0; i < 100; i++)
                    {
                        var data = new byte[20_000];
                        data.AsSpan().Fill((byte)(i + 1));
                        Assert.Equal(IoStatus.Ok, await user.WriteAsync(new ByteRange(i * 40_000, data.Length), data));
                        _ = sizes.Add(file.SizeBytes);
                    }
                    Assert.InRange(sizes.Count, 2, 6);
                    Assert.True(file.SizeBytes > world.Graph.Require("ahead").SizeBytes);
                    for (var i = 0; i < 100; i++)
                    {
                        var data = await ReadAsync(user, i * 40_000, 40_000);
                        Assert.DoesNotContain(data[..20_000], b => b != i + 1);
                        Assert.DoesNotContain(data[20_000..], static b => b != 0);
                    }
                }
                var known = world.Graph.Require("ahead").SizeBytes;
                await world.Graph.RemoveMonitorNodeAsync("disk");
                var again = await world.AddAsync("{'driver':'file','node-name':'file','filename':'/disk'}");
                // The format writes its last metadata when it closes.
                Assert.InRange(again.SizeBytes, known, known + 4 * 65536);
                Assert.InRange(again.SizeBytes, 2_000_000, 3_000_000);
            }
        );

    [Fact]
    public void A_unit_that_makes_no_sense_is_refused() =>
        Run(
            2,
            async world =>
            {
                world.File("/disk", new byte[512]);
                var error = await Assert.ThrowsAsync<BlockException>(async () =>
                    await world.AddAsync(
                        "{'driver':'preallocate','node-name':'p','prealloc-align':1000,'file':{'driver':'file','filename':'/disk'}}"
                    )
                );
                Assert.Equal("prealloc-align parameter of preallocate filter is not aligned to 512", error.Message);
            }
        );
}
