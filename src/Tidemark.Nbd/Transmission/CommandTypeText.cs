namespace Tidemark.Nbd.Transmission;

/// <summary>The commands' names in messages, and the flags that each takes.</summary>
public static class CommandTypeText
{
    /// <summary>"read", "write zeroes" and the like.</summary>
    public static string Describe(this CommandType type) =>
        type switch
        {
            CommandType.Read => "read",
            CommandType.Write => "write",
            CommandType.Disconnect => "disconnect",
            CommandType.Flush => "flush",
            CommandType.Trim => "trim",
            CommandType.Cache => "cache",
            CommandType.WriteZeroes => "write zeroes",
            CommandType.BlockStatus => "block status",
            _ => "<unknown>",
        };

    /// <summary>The flags that may be set (NBD protocol, "Command flags"): FUA everywhere, since clients are known to do so.</summary>
    public static CommandFlags AllowedFlags(this CommandType type, ReplyStyle style) =>
        CommandFlags.Fua
        | type switch
        {
            CommandType.Read => style == ReplyStyle.Simple ? CommandFlags.None : CommandFlags.DontFragment,
            CommandType.Write => style == ReplyStyle.Extended ? CommandFlags.PayloadLength : CommandFlags.None,
            CommandType.WriteZeroes => CommandFlags.NoHole | CommandFlags.FastZero,
            CommandType.BlockStatus => style == ReplyStyle.Extended
                ? CommandFlags.RequestOne | CommandFlags.PayloadLength
                : CommandFlags.RequestOne,
            _ => CommandFlags.None,
        };
}
