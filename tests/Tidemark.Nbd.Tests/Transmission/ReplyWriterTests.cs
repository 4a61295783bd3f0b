using Tidemark.Nbd.Transmission;

namespace Tidemark.Nbd.Tests.Transmission;

public sealed class ReplyWriterTests
{
    private static readonly RequestHeader Request = new(CommandFlags.None, CommandType.Read, 0xc0, 0x1000, 0x2000);

    [Theory]
    [InlineData(ReplyStyle.Simple, "67446698 00000000 00000000000000c0")]
    [InlineData(ReplyStyle.Structured, "67446698 00000000 00000000000000c0")]
    [InlineData(ReplyStyle.Extended, "6e8a278c 0001 0000 00000000000000c0 0000000000001000 0000000000000000")]
    public void Success_without_data_is_as_short_as_the_style_allows(ReplyStyle style, string bytes) =>
        AssertWrites(bytes, target => new ReplyWriter(style).WriteDone(target, Request));

    [Theory]
    [InlineData(ReplyStyle.Simple, "67446698 00000000 00000000000000c0")]
    [InlineData(ReplyStyle.Structured, "668e33ef 0001 0000 00000000000000c0 00000000")]
    public void A_read_without_data_is_a_chunk_once_chunks_are_spoken(ReplyStyle style, string bytes) =>
        AssertWrites(bytes, target => new ReplyWriter(style).WriteEmptyRead(target, Request));

    [Theory]
    [InlineData(ReplyStyle.Simple, "67446698 00000016 00000000000000c0")]
    [InlineData(ReplyStyle.Structured, "668e33ef 0001 8001 00000000000000c0 00000008 00000016 0002 6e6f")]
    [InlineData(ReplyStyle.Extended, "6e8a278c 0001 8001 00000000000000c0 0000000000001000 0000000000000008 00000016 0002 6e6f")]
    public void An_error_brings_its_message_where_chunks_are_spoken(ReplyStyle style, string bytes) =>
        AssertWrites(bytes, target => new ReplyWriter(style).WriteError(target, Request, NbdError.InvalidArgument, "no"));

    [Theory]
    [InlineData(ReplyStyle.Simple, false, "67446698 00000000 00000000000000c0")]
    [InlineData(ReplyStyle.Structured, false, "668e33ef 0000 0001 00000000000000c0 00000208 0000000000001800")]
    [InlineData(ReplyStyle.Structured, true, "668e33ef 0001 0001 00000000000000c0 00000208 0000000000001800")]
    [InlineData(
        ReplyStyle.Extended,
        true,
        "6e8a278c 0001 0001 00000000000000c0 0000000000001000 0000000000000208 0000000000001800"
    )]
    public void Data_is_announced_with_its_own_offset(ReplyStyle style, bool last, string bytes)
    {
        AssertWrites(bytes, target => new ReplyWriter(style).WriteDataHeader(target, Request, 0x1800, 0x200, last));
        Assert.Equal(Hex.Bytes(bytes).Length, new ReplyWriter(style).DataHeaderSize);
    }

    [Fact]
    public void A_hole_is_told_by_offset_and_size() =>
        AssertWrites(
            "668e33ef 0001 0002 00000000000000c0 0000000c 0000000000001000 00002000",
            target => new ReplyWriter(ReplyStyle.Structured).WriteHole(target, Request, 0x1000, 0x2000, last: true)
        );

    [Fact]
    public void A_message_is_cut_at_4096_bytes()
    {
        var message = new string('ä', 3000);
        var target = new byte[ReplyWriter.MaxErrorSize(message)];
        var size = new ReplyWriter(ReplyStyle.Structured).WriteError(target, Request, NbdError.IoError, message);
        Assert.Equal(20 + 6 + 4096, size);
        Assert.True(ErrorChunk.TryParse(target.AsSpan(20, size - 20), out var chunk));
        Assert.Equal(new ErrorChunk(NbdError.IoError, new string('ä', 2048)), chunk);
    }

    [Theory]
    [InlineData(ReplyStyle.Simple)]
    [InlineData(ReplyStyle.Structured)]
    [InlineData(ReplyStyle.Extended)]
    public void What_is_written_is_read_back(ReplyStyle style)
    {
        var target = new byte[ReplyWriter.MaxFixedSize];
        var size = new ReplyWriter(style).WriteDone(target, Request);
        Assert.False(ReplyHeader.TryParse(target.AsSpan(0, 15), style, out _, out var needed));
        Assert.Equal(ReplyHeader.MinSize, needed);
        Assert.True(ReplyHeader.TryParse(target, style, out var header, out needed));
        Assert.Equal(size, needed);
        Assert.True(header.IsLast);
        Assert.Equal(Request.Cookie, header.Cookie);
    }

    private static void AssertWrites(string expected, Func<byte[], int> write)
    {
        var target = new byte[256];
        var size = write(target);
        Assert.Equal(Hex.Text(Hex.Bytes(expected)), Hex.Text(target.AsSpan(0, size)));
    }
}
