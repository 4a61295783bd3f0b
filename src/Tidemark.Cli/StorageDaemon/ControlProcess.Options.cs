using Tidemark.Cli.Options;
using Tidemark.Cli.StorageDaemon.Chardevs;
using Tidemark.Core.Errors;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Wire;

namespace Tidemark.Cli.StorageDaemon;

// Options that daemons and machines share.
internal abstract partial class ControlProcess
{
    /// <summary>Carries the command line out, option by option as they were typed. Throws <see cref="CommandException"/>.</summary>
    public virtual async ValueTask SetUpAsync(ParsedOptions options)
    {
        foreach (var option in options.InOrder)
        {
            await ApplyAsync(option);
        }
    }

    /// <summary>Carries an option out. Throws <see cref="CommandException"/> whose message begins with the option as it was typed.</summary>
    protected async ValueTask ApplyAsync(ParsedOption option)
    {
        if (IsStopping)
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

    /// <summary>Does what an option says. Throws <see cref="CommandException"/> or <see cref="BlockException"/>.</summary>
    protected abstract ValueTask CarryOutAsync(ParsedOption option);

    /// <summary>Carries --object out.</summary>
    protected void AddObject(string text)
    {
        if (ObjectHelp.Of(text) is { } help)
        {
            Console.Out.Write(help);
            throw new HelpPrintedException();
        }
        Context.Options.AddObject(text);
    }

    /// <summary>Carries --chardev out.</summary>
    protected async ValueTask AddChardevAsync(ParsedOption option)
    {
        var described = ChardevOptions.Parse(option.Value, line => Complain($"{option.Typed}: {line}"));
        if (described.IsHelp)
        {
            Console.Out.WriteLine("Available chardev backend types: ");
            foreach (var kind in ChardevFactory.Kinds)
            {
                Console.Out.WriteLine($"  {kind}");
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

    /// <summary>Carries --monitor out. <paramref name="defaultMode"/> is what it is without a mode.</summary>
    protected void AddMonitor(string text, MonitorMode defaultMode)
    {
        var (arguments, mode) = KeyvalParser.ParseEither(WithoutHelp(text), "chardev");
        AddMonitor(MonitorOptions.Codec.Parse(arguments, mode, Context.Definitions), defaultMode);
    }

    /// <summary>Takes commands at a chardev.</summary>
    protected void AddMonitor(MonitorOptions options, MonitorMode defaultMode)
    {
        if (!chardevs.TryGetValue(options.Chardev, out var chardev))
        {
            throw new CommandException($"chardev \"{options.Chardev}\" not found");
        }
        if ((options.Mode ?? defaultMode) == MonitorMode.Readline)
        {
            throw new CommandException("Only QMP is supported");
        }
        if (chardev.IsTaken)
        {
            throw new CommandException($"Device '{chardev.Id}' is in use");
        }
        chardev.IsTaken = true;
        monitors.Add(new QmpMonitor(chardev.AcceptAsync, dispatcher, Context.Events, QmpVersion.Current, options.Pretty == true));
    }

    /// <summary>The text itself; throws for "help", where there is none.</summary>
    protected static string WithoutHelp(string text)
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
