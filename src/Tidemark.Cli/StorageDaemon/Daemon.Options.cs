using Tidemark.Cli.Options;
using Tidemark.Cli.StorageDaemon.Chardevs;
using Tidemark.Core.Errors;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Wire;

namespace Tidemark.Cli.StorageDaemon;

// Most options are a QMP command's arguments, written key=value or as JSON; the rest is about the process itself.
internal sealed partial class Daemon
{
    /// <summary>Carries an option out. Throws <see cref="CommandException"/> whose message begins with the option as it was typed.</summary>
    public async ValueTask ApplyAsync(ParsedOption option)
    {
        if (stopping)
        {
            return;
        }
        try
        {
            await CarryOutAsync(option);
        }
        catch (BlockException error)
        {
            throw new CommandException($"{option.Typed}: {error.Message}{(error.Hint is null ? "" : "\n" + error.Hint)}");
        }
        catch (CommandException error)
        {
            throw new CommandException($"{option.Typed}: {error.Message}");
        }
    }

    private ValueTask CarryOutAsync(ParsedOption option)
    {
        switch (option.Key)
        {
            case "":
                throw new CommandException("Unexpected argument");
            case "blockdev":
                return context.Options.AddBlockdevAsync(WithoutHelp(option.Value));
            case "export":
                context.Options.AddExport(WithoutHelp(option.Value));
                break;
            case "object":
                AddObject(option.Value);
                break;
            case "nbd-server":
                return context.Options.StartNbdServerAsync(WithoutHelp(option.Value));
            case "chardev":
                return AddChardevAsync(option);
            case "monitor":
                AddMonitor(option.Value);
                break;
            case "trace":
                TraceOption.Apply(option, Complain);
                break;
        }
        return ValueTask.CompletedTask;
    }

    private void AddObject(string text)
    {
        if (ObjectHelp.Of(text) is { } help)
        {
            console.Out.Write(help);
            throw new HelpPrintedException();
        }
        context.Options.AddObject(text);
    }

    private async ValueTask AddChardevAsync(ParsedOption option)
    {
        var described = ChardevOptions.Parse(option.Value, line => Complain($"{option.Typed}: {line}"));
        if (described.IsHelp)
        {
            console.Out.WriteLine("Available chardev backend types: ");
            foreach (var kind in ChardevFactory.Kinds)
            {
                console.Out.WriteLine($"  {kind}");
            }
            throw new HelpPrintedException();
        }
        if (described.Backend == "stdio" && isDetached)
        {
            throw new CommandException("cannot use stdio with -daemonize");
        }
        if (described.Backend == "stdio" && chardevs.Values.Any(static c => c is StdioChardev))
        {
            throw new CommandException("cannot use stdio by multiple character devices");
        }
        if (chardevs.ContainsKey(described.Id))
        {
            throw new CommandException(
                described.Backend == "socket"
                    ? "duplicate yank instance"
                    : $"attempt to add duplicate property '{described.Id}' to object (type 'container')"
            );
        }
        var chardev = await ChardevFactory.CreateAsync(described, engine);
        chardevs.Add(chardev.Id, chardev);
        if (chardev is ServerChardev { Waits: true } server)
        {
            Complain($"{option.Typed}: info: QEMU waiting for connection on: disconnected:{server.Where}");
            waitingFor = server;
            await server.WaitForClientAsync();
            waitingFor = null;
        }
    }

    private void AddMonitor(string text)
    {
        var (arguments, mode) = KeyvalParser.ParseEither(WithoutHelp(text), "chardev");
        var options = MonitorOptions.Codec.Parse(arguments, mode, context.Definitions);
        if (!chardevs.TryGetValue(options.Chardev, out var chardev))
        {
            throw new CommandException($"chardev \"{options.Chardev}\" not found");
        }
        if (options.Mode == MonitorMode.Readline)
        {
            throw new CommandException("Only QMP is supported");
        }
        if (chardev.IsTaken)
        {
            throw new CommandException($"Device '{chardev.Id}' is in use");
        }
        chardev.IsTaken = true;
        monitors.Add(new QmpMonitor(chardev.AcceptAsync, dispatcher, context.Events, QmpVersion.Current, options.Pretty == true));
    }

    private static string WithoutHelp(string text)
    {
        if (!text.StartsWith('{'))
        {
            _ = KeyvalParser.Parse(text, "word", out var help);
            if (help)
            {
                throw new CommandException("Help is not available for this option");
            }
        }
        return text;
    }
}
