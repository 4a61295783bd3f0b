using System.Text;
using Tidemark.Cli.Img;
using Tidemark.Cli.Options;
using Tidemark.Cli.Session;
using Tidemark.Cli.Terminal;
using Tidemark.Core.Channels;
using Tidemark.Core.Errors;
using Tidemark.Core.Schema;

namespace Tidemark.Cli.Io;

/// <summary>qemu-io: reads and writes images request by request, for tests and for trying things out.</summary>
internal sealed class IoTool : ICommandLineTool
{
    private const string Prompt = "qemu-io> ";

    private static readonly OptionParser Parser = new(
        OptionWording.Library,
        [
            .. new[]
            {
                "h|help",
                "V|version",
                "c|cmd=",
                "f|format=",
                "r|read-only",
                "s|snapshot",
                "n|nocache",
                "C|copy-on-read",
                "m|misalign",
                "k|native-aio",
                "i|aio=",
                "t|cache=",
                "d|discard=",
                "T|trace=",
                "U|force-share",
                "object=",
                "image-opts",
            }.Select(OptionSpec.Describe),
        ]
    );

    public string Name => "qemu-io";

    public string Usage => "[OPTIONS] [FILE]";

    public string Summary => "read and write an image, request by request";

    public bool IsDropIn => true;

    public int Run(string[] arguments, ToolConsole console)
    {
        ParsedOptions options;
        try
        {
            options = Parser.Parse(arguments);
        }
        catch (UsageException error)
        {
            ToolSession.Report(console, error.Message, hint: null);
            IoHelp.Print(console.Out);
            return 1;
        }
        if (options.Has("help"))
        {
            IoHelp.Print(console.Out);
            return 0;
        }
        if (options.Has("version"))
        {
            IoHelp.PrintVersion(console.Out);
            return 0;
        }
        if (options.Operands.Count > 1)
        {
            IoHelp.Print(console.Out);
            return 1;
        }
        return ToolSession.Run(
            console,
            async graph =>
            {
                await using var session = new IoSession(console, graph, options.Has("misalign"));
                return await RunAsync(session, options);
            }
        );
    }

    private static async Task<int> RunAsync(IoSession session, ParsedOptions options)
    {
        var how = ReadOptions(session, options);
        if (options.Operands is [var filename] && !await session.OpenAsync(how.Options is null ? filename : null, how))
        {
            return 1;
        }
        if (options.Has("cmd"))
        {
            foreach (var command in options.All("cmd"))
            {
                if (session.IsOver)
                {
                    break;
                }
                await session.RunAsync(command);
            }
        }
        else
        {
            await ConverseAsync(session);
        }
        await session.CloseAsync();
        return session.HasFailed ? 1 : 0;
    }

    private static IoOpen ReadOptions(IoSession session, ParsedOptions options)
    {
        var how = IoOpen.Read(options, LongName) with { Format = options.Get("format") };
        foreach (var text in options.All("trace"))
        {
            session.Complain($"warning: trace event '{text}' does not exist");
        }
        ObjectOptions.Accept(options);
        if (!options.Has("image-opts"))
        {
            return how;
        }
        if (how.Format is not null)
        {
            throw new CommandException("--image-opts and -f are mutually exclusive");
        }
        return options.Operands is [var described] ? how with { Options = Describe(described) } : how;
    }

    private static Core.Json.JsonObject Describe(string text)
    {
        try
        {
            return KeyvalParser.Parse(text);
        }
        catch (BlockException error)
        {
            throw new CommandException(error.Message);
        }
    }

    private static string LongName(string letter) =>
        letter switch
        {
            "r" => "read-only",
            "s" => "snapshot",
            "U" => "force-share",
            "C" => "copy-on-read",
            "n" => "nocache",
            "t" => "cache",
            "d" => "discard",
            "k" => "native-aio",
            _ => "aio",
        };

    // Requests that were begun go on while the next line is waited for.
    private static async Task ConverseAsync(IoSession session)
    {
        await using var input = session.Graph.Engine.OpenStdio();
        var lines = new LineReader(input);
        while (!session.IsOver)
        {
            session.Out.Write(Prompt);
            session.Out.Flush();
            if (await lines.ReadAsync() is not { } line)
            {
                return;
            }
            await session.RunAsync(line);
        }
    }

    /// <summary>Cuts what comes in into lines.</summary>
    private sealed class LineReader(ByteChannel input)
    {
        private const int ReceiveBytes = 4096;
        private const int LongestLine = 1 << 20;
        private readonly byte[] buffer = new byte[ReceiveBytes];
        private readonly List<byte> line = [];
        private ReadOnlyMemory<byte> rest;

        /// <summary>The next line without its end; null when there are no more.</summary>
        public async ValueTask<string?> ReadAsync()
        {
            line.Clear();
            while (line.Count < LongestLine)
            {
                var end = rest.Span.IndexOf((byte)'\n');
                if (end >= 0)
                {
                    line.AddRange(rest.Span[..end]);
                    rest = rest[(end + 1)..];
                    return Text();
                }
                line.AddRange(rest.Span);
                var read = await input.ReceiveAsync(buffer);
                rest = read.IsEnd ? default : buffer.AsMemory(0, read.Count);
                if (read.IsEnd)
                {
                    return line.Count > 0 ? Text() : null;
                }
            }
            throw new CommandException("a line is too long");
        }

        private string Text() => Encoding.UTF8.GetString([.. line]);
    }
}
