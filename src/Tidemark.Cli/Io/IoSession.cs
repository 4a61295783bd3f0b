using Tidemark.Block.Contract;
using Tidemark.Block.Graph;
using Tidemark.Cli.Options;
using Tidemark.Cli.Session;
using Tidemark.Cli.Terminal;
using Tidemark.Core.Async;
using Tidemark.Core.Errors;
using Tidemark.Core.Json;

namespace Tidemark.Cli.Io;

/// <summary>A run of qemu-io: the image that is open, the requests under way, and whether all went well so far.</summary>
internal sealed class IoSession(ToolConsole console, BlockGraph graph, bool misaligned, BlockBackend? lent = null)
    : IAsyncDisposable
{
    private readonly LoopSignal requestEnded = new();
    private readonly BlockBackend? loan = lent;
    private int requests;
    private BlockPermissions permissions = lent?.Root.Required ?? BlockPermissions.None;

    /// <summary>Standard output.</summary>
    public TextWriter Out => console.Out;

    /// <summary>The graph.</summary>
    public BlockGraph Graph { get; } = graph;

    /// <summary>The open image, or null. One that was lent is its owner's to close.</summary>
    public BlockBackend? Image { get; private set; } = lent;

    /// <summary>The open image; only for commands that need one.</summary>
    public BlockBackend OpenImage => Image ?? throw Invariant.Unreachable("commands that need an image run with one");

    /// <summary>Whether each write is flushed before it ends.</summary>
    public bool IsWriteThrough { get; set; }

    /// <summary>Whether "quit" was said.</summary>
    public bool IsOver { get; set; }

    /// <summary>Whether a command failed.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Whether requests that were begun go on.</summary>
    public bool HasRequests => requests > 0;

    /// <summary>Memory for a request.</summary>
    public IoBuffer Rent(int length) => new(length, misaligned);

    /// <summary>"qemu-io: message" on standard error.</summary>
    public void Complain(string message, string? hint = null) => ToolSession.Report(console, message, hint);

    /// <summary>A line on standard error as it stands.</summary>
    public void ComplainPlainly(string line)
    {
        Out.Flush();
        console.Error.WriteLine(line);
    }

    /// <summary>Opens an image; tells what is wrong and returns false if that fails.</summary>
    public async ValueTask<bool> OpenAsync(string? filename, IoOpen how)
    {
        if (Image is not null)
        {
            Complain("file open already, try 'help close'");
            return false;
        }
        try
        {
            var node = await ImageOpener.OpenAsync(Graph, console, filename, how);
            try
            {
                permissions =
                    BlockPermissions.ConsistentRead | (node.IsReadOnly ? BlockPermissions.None : BlockPermissions.Write);
                Image = BlockBackend.Create(node, permissions, BlockPermissions.All);
                IsWriteThrough = how.Cache.WriteThrough;
            }
            finally
            {
                await Graph.ReleaseAsync(node);
            }
            return true;
        }
        catch (BlockException error)
        {
            Complain($"can't open{(filename is null ? "" : $" device {filename}")}: {error.Message}", error.Hint);
            return false;
        }
    }

    /// <summary>Closes the image once its requests have ended.</summary>
    public async ValueTask CloseAsync()
    {
        await DrainAsync();
        if (Image is { } image)
        {
            Image = null;
            if (!ReferenceEquals(image, loan))
            {
                await image.DisposeAsync();
            }
        }
    }

    /// <summary>Gives the open image other options, on top of those it has. Throws <see cref="BlockException"/>.</summary>
    public async ValueTask ReopenAsync(JsonObject changed)
    {
        await DrainAsync();
        if (changed.TryGetValue("read-only", out var readOnly) && readOnly is JsonBool { Value: true })
        {
            permissions = BlockPermissions.ConsistentRead;
            OpenImage.SetPermissions(permissions, BlockPermissions.All);
        }
        await Graph.ChangeOptionsAsync(OpenImage.Node, changed);
    }

    /// <summary>Lets a request run while the next commands are read.</summary>
    public void Begin(Func<Task> request)
    {
        requests++;
        LoopContext.Launch(async () =>
        {
            await request();
            requests--;
            requestEnded.Wake();
        });
    }

    /// <summary>Waits for all requests that were begun; those held at breakpoints are let go.</summary>
    public async ValueTask DrainAsync()
    {
        if (requests > 0)
        {
            (await Graph.DrainAllAsync()).Dispose();
        }
        while (requests > 0)
        {
            await requestEnded.WaitAsync();
        }
    }

    /// <summary>Carries a line out: words between blanks, the command first.</summary>
    public async ValueTask RunAsync(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (words.Length > 0 && !await RunAsync(words[0], words[1..]))
        {
            HasFailed = true;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => CloseAsync();

    private async ValueTask<bool> RunAsync(string name, string[] words)
    {
        if (IoCommands.Find(name) is not { } command)
        {
            ComplainPlainly($"command \"{name}\" not found");
            return false;
        }
        if (command.NeedsImage && Image is null)
        {
            ComplainPlainly("no file open, try 'help open'");
            return false;
        }
        if (WrongCount(command, words.Length) is { } expected)
        {
            ComplainPlainly($"bad argument count {words.Length} to {name}, expected {expected} arguments");
            return false;
        }
        if (loan is not null)
        {
            // What its owner refuses is the owner's to tell.
            Require(command.Required);
        }
        try
        {
            Require(command.Required);
            return await command.RunAsync(
                this,
                command.TakesWordsAsTheyAre ? IoWords.AsTheyAre(words) : IoWords.Parse(command.Letters, words)
            );
        }
        catch (UsageException error)
        {
            ComplainPlainly($"{name}: {error.Message}");
            Out.WriteLine(IoCommands.Line(command));
        }
        catch (IoCommandException error)
        {
            Out.WriteLine(error.Text ?? IoCommands.Line(command));
        }
        catch (BlockException error)
        {
            Complain(error.Message, error.Hint);
        }
        return false;
    }

    private static string? WrongCount(IIoCommand command, int count)
    {
        var (least, most) = (command.LeastWords, command.MostWords);
        if (count >= least && (most < 0 || count <= most))
        {
            return null;
        }
        return most < 0 ? $"at least {least}"
            : least == most ? $"{least}"
            : $"between {least} and {most}";
    }

    private void Require(BlockPermissions required)
    {
        if (Image is not null && (permissions | required) != permissions)
        {
            Image.SetPermissions(permissions | required, BlockPermissions.All);
            permissions |= required;
        }
    }
}
