using Tidemark.Nbd.Transmission;

namespace Tidemark.Nbd.Tests.Transmission;

public sealed class RequestHeaderTests
{
    private const string Compact = "25609513 0001 0006 0102030405060708 0000000000100000 fffff000";
    private const string Extended = "21e41c71 0020 0001 0102030405060708 0000000000100000 0000000100000000";

    [Fact]
    public void A_compact_request_has_the_bytes_of_the_specification()
    {
        var header = new RequestHeader(CommandFlags.Fua, CommandType.WriteZeroes, 0x0102030405060708, 1 << 20, 0xfffff000);
        var bytes = new byte[RequestHeader.CompactSize];
        Assert.Equal(bytes.Length, header.Write(bytes, ReplyStyle.Structured));
        Assert.Equal(Hex.Bytes(Compact), bytes);
        Assert.True(RequestHeader.TryParse(bytes, ReplyStyle.Structured, out var parsed));
        Assert.Equal(header, parsed);
    }

    [Fact]
    public void An_extended_request_has_a_length_of_64_bits()
    {
        var header = new RequestHeader(CommandFlags.PayloadLength, CommandType.Write, 0x0102030405060708, 1 << 20, 1L << 32);
        var bytes = new byte[RequestHeader.ExtendedSize];
        Assert.Equal(bytes.Length, header.Write(bytes, ReplyStyle.Extended));
        Assert.Equal(Hex.Bytes(Extended), bytes);
        Assert.True(RequestHeader.TryParse(bytes, ReplyStyle.Extended, out var parsed));
        Assert.Equal(header, parsed);
    }

    [Theory]
    [InlineData(ReplyStyle.Simple, Extended)]
    [InlineData(ReplyStyle.Structured, "25609514 0000 0000 0000000000000000 0000000000000000 00000200")]
    [InlineData(ReplyStyle.Extended, Compact + "00000000")]
    public void A_header_with_another_magic_is_refused(ReplyStyle style, string bytes) =>
        Assert.False(RequestHeader.TryParse(Hex.Bytes(bytes), style, out _));

    [Theory]
    [InlineData(CommandType.Write, CommandFlags.None, ReplyStyle.Structured, 512)]
    [InlineData(CommandType.Read, CommandFlags.PayloadLength, ReplyStyle.Structured, 0)]
    [InlineData(CommandType.Write, CommandFlags.None, ReplyStyle.Extended, 0)]
    [InlineData(CommandType.Write, CommandFlags.PayloadLength, ReplyStyle.Extended, 512)]
    [InlineData(CommandType.Read, CommandFlags.PayloadLength, ReplyStyle.Extended, 512)]
    public void What_follows_a_header_depends_on_style_and_flag(
        CommandType type,
        CommandFlags flags,
        ReplyStyle style,
        int bytes
    ) => Assert.Equal((ulong)bytes, new RequestHeader(flags, type, 0, 0, 512).PayloadBytes(style));
}
