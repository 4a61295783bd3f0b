using Tidemark.Nbd.MetaContext;
using Tidemark.Nbd.Transmission;

namespace Tidemark.Nbd.Tests.MetaContext;

public sealed class StatusChunkWriterTests
{
    private static readonly RequestHeader Request = new(CommandFlags.None, CommandType.BlockStatus, 0xc0, 0x1000, 0x4000);

    [Theory]
    [InlineData(
        ReplyStyle.Structured,
        "668e33ef 0001 0005 00000000000000c0 00000014 00000007 00003000 00000003 00001000 00000000"
    )]
    [InlineData(
        ReplyStyle.Extended,
        "6e8a278c 0001 0006 00000000000000c0 0000000000001000 0000000000000028 00000007 00000002"
            + "0000000000003000 0000000000000003 0000000000001000 0000000000000000"
    )]
    public void Neighbours_of_equal_status_become_one_extent(ReplyStyle style, string expected)
    {
        var target = new byte[StatusChunkWriter.SizeFor(style, 2)];
        var writer = new StatusChunkWriter(new ReplyWriter(style));
        writer.Begin(target, Request, contextId: 7, maxExtents: 2);
        Assert.True(writer.Add(0x1000, 3));
        Assert.True(writer.Add(0x2000, 3));
        Assert.True(writer.Add(0x1000, 0));
        Assert.Equal(0x4000, writer.Covered);
        var size = writer.Finish(last: true);
        Assert.Equal(Hex.Text(Hex.Bytes(expected)), Hex.Text(target.AsSpan(0, size)));
    }

    [Fact]
    public void A_full_chunk_takes_more_of_its_last_status_but_no_other()
    {
        var target = new byte[StatusChunkWriter.SizeFor(ReplyStyle.Structured, 1)];
        var writer = new StatusChunkWriter(new ReplyWriter(ReplyStyle.Structured));
        writer.Begin(target, Request, contextId: 0, maxExtents: 1);
        Assert.True(writer.Add(10, 1));
        Assert.False(writer.Add(10, 0));
        Assert.True(writer.Add(5, 1));
        Assert.Equal(15, writer.Covered);
        Assert.Equal(target.Length, writer.Finish(last: false));
    }
}
