using Tidemark.Nbd;
using Tidemark.Nbd.Transmission;
using Tidemark.Testing;

namespace Tidemark.Exports.Tests.Nbd;

/// <summary>Reads whose data the kernel sends straight from the page cache, among holes and small requests, and cut off midway.</summary>
public sealed class LargeReadTests
{
    private const int Size = 16 << 20;

    [Theory, InlineData(ReplyStyle.Structured), InlineData(ReplyStyle.Extended), InlineData(ReplyStyle.Simple)]
    public void Data_holes_and_small_requests_come_back_as_they_are(ReplyStyle style)
    {
        using var served = new ServedGraph();
        var content = Fill(served.AddFile("n", Size), 1);
        served.Export("n");
        using var client = new RawClient(served).Enter("n", style);
        var random = new Random(3);
        for (var round = 0; round < 100; round++)
        {
            var large = random.Next(64 << 10, 4 << 20);
            var offset = random.Next(Size - large);
            var small = random.Next(1, 5000);
            client.Request(CommandType.Read, (ulong)offset, (ulong)large);
            Assert.True(content.AsSpan(offset, large).SequenceEqual(Take(client, style, offset, large)), $"round {round}");
            client.Request(CommandType.Read, (ulong)offset, (ulong)small);
            Assert.True(content.AsSpan(offset, small).SequenceEqual(Take(client, style, offset, small)), $"round {round}, small");
        }
    }

    [Fact]
    public void The_real_clients_read_what_is_there()
    {
        Assert.SkipUnless(ProgramRun.Exists("nbdcopy"), "libnbd-bin is not installed");
        using var served = new ServedGraph();
        var content = Fill(served.AddFile("n", Size), 2);
        served.Export("n");
        var copy = served.Folder.File("copy");
        _ = ProgramRun.Of("nbdcopy", "--requests=16", "--connections=4", served.Uri("n"), copy).MustSucceed();
        Assert.True(content.AsSpan().SequenceEqual(File.ReadAllBytes(copy)));
    }

    [Fact]
    public void A_client_that_leaves_in_the_middle_holds_nothing()
    {
        using var served = new ServedGraph();
        var content = Fill(served.AddFile("n", Size), 4);
        served.Export("n");
        for (var round = 0; round < 20; round++)
        {
            using var client = new RawClient(served).Enter("n", ReplyStyle.Structured);
            for (var i = 0; i < 8; i++)
            {
                client.Request(CommandType.Read, (ulong)(i << 20), 2 << 20, cookie: (ulong)i);
            }
            _ = client.Receive(1 + (round * 100_000));
        }
        // Whoever still counted as reading would hold the removal up for ever.
        served.Do(() => served.Registry.RemoveAsync("n", ExportRemoval.Hard).AsTask());
        served.Export("n");
        using var next = new RawClient(served).Enter("n", ReplyStyle.Structured);
        next.Request(CommandType.Read, 0, 1 << 20);
        Assert.True(content.AsSpan(0, 1 << 20).SequenceEqual(Take(next, ReplyStyle.Structured, 0, 1 << 20)));
    }

    // Runs of data and of holes, none of them aligned to anything.
    private static byte[] Fill(string path, int seed)
    {
        var random = new Random(seed);
        var content = new byte[Size];
        using var file = File.OpenWrite(path);
        for (var at = 0; at < Size; at += random.Next(1, 1 << 20))
        {
            var data = content.AsSpan(at, Math.Min(random.Next(1, 1 << 20), Size - at));
            random.NextBytes(data);
            file.Position = at;
            file.Write(data);
            at += data.Length;
        }
        return content;
    }

    private static byte[] Take(RawClient client, ReplyStyle style, int offset, int length)
    {
        if (style == ReplyStyle.Simple)
        {
            return client.Reply(length).Data;
        }
        var result = new byte[length];
        client.Gather(result, offset);
        return result;
    }
}
