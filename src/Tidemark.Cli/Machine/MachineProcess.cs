using Tidemark.Cli.Machine.Monitor;
using Tidemark.Cli.Options;
using Tidemark.Cli.StorageDaemon;
using Tidemark.Cli.Terminal;
using Tidemark.Control;
using Tidemark.Control.Events;
using Tidemark.Control.Machine;
using Tidemark.Core.Schema;
using Tidemark.Io.Contract;
using Tidemark.Io.Descriptors;

namespace Tidemark.Cli.Machine;

/// <summary>qemu-system-x86_64 at work: a daemon with a machine, its disks, and a human monitor behind QMP.</summary>
internal sealed class MachineProcess : ControlProcess
{
    // The order in which things are made, whatever the order of the options: what is named is there before what names it.
    private static readonly string[][] Phases =
    [
        ["machine", "name", "uuid"],
        ["chardev"],
        ["object"],
        ["blockdev"],
        ["drive"],
        ["mon", "monitor", "qmp", "qmp-pretty"],
    ];

    private readonly GuestlessMachine machine;
    private readonly MachineDrives drives;
    private int monitorCount;
    private bool isShutDown;

    /// <summary>A machine that has not begun.</summary>
    public MachineProcess(IoEngine engine, ToolConsole console, bool isDetached)
        : base(engine, console, isDetached)
    {
        machine = new GuestlessMachine(Context);
        machine.Migration.Warn = Complain;
        machine.Migration.Fail = () =>
        {
            ExitCode = 1;
            base.RequestStop();
        };
        drives = new MachineDrives(Graph, console);
        var people = new HumanMonitor(console, machine);
        BuiltinCommands.AddMachine(Commands, machine, people.RunAsync);
    }

    /// <inheritdoc/>
    public override async ValueTask SetUpAsync(ParsedOptions options)
    {
        machine.StartsByItself = !options.Has("S");
        var incoming = options.Get("incoming");
        if (incoming is not null)
        {
            machine.AwaitMigration();
        }
        foreach (var phase in Phases)
        {
            foreach (var option in options.InOrder.Where(o => phase.Contains(o.Key, StringComparer.Ordinal)))
            {
                await ApplyAsync(option);
            }
        }
        if (incoming is not null)
        {
            await ApplyAsync(options.InOrder.Last(static o => o.Key == "incoming"));
        }
        else if (machine.StartsByItself)
        {
            machine.Run();
        }
        // What options name by number was there before; from now on it is passed.
        Graph.Engine.Descriptors = new DescriptorStore();
    }

    /// <inheritdoc/>
    public override void RequestStop()
    {
        MachineEvents.PublishShutdown(Context.Events, MachineEvents.Cause.HostSignal);
        base.RequestStop();
    }

    /// <inheritdoc/>
    protected override ValueTask QuitAsync()
    {
        // Unlike the daemon's, jobs end behind the reply.
        MachineEvents.PublishShutdown(Context.Events, MachineEvents.Cause.HostQmpQuit);
        base.RequestStop();
        return default;
    }

    /// <inheritdoc/>
    protected override async ValueTask ShutDownAsync()
    {
        if (!isShutDown)
        {
            isShutDown = true;
            await machine.Migration.CloseAsync();
            await Context.ShutDownAsync();
            await drives.DisposeAsync();
            Graph.Engine.Descriptors?.Dispose();
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask CarryOutAsync(ParsedOption option)
    {
        switch (option.Key)
        {
            case "machine":
                CheckType(option.Value);
                break;
            case "name":
                machine.Name = KeyvalParser.Parse(option.Value, "guest").GetString("guest");
                break;
            case "uuid":
                machine.Uuid = Guid.TryParse(option.Value, out var uuid)
                    ? uuid
                    : throw new CommandException("failed to parse UUID string: wrong format");
                break;
            case "chardev":
                await AddChardevAsync(option);
                break;
            case "object":
                AddObject(option.Value);
                break;
            case "blockdev":
                await Context.Options.AddBlockdevAsync(WithoutHelp(option.Value));
                break;
            case "drive":
                await drives.AddAsync(option.Value);
                break;
            case "mon":
                AddMonitor(option.Value, MonitorMode.Readline);
                break;
            case "monitor" when option.Value is "none" or "null":
                break;
            case "monitor":
                throw new CommandException("Only QMP is supported");
            case "qmp" or "qmp-pretty":
                await AddQmpAsync(option);
                break;
            case "incoming":
                await machine.Migration.AwaitAsync(option.Value);
                break;
        }
    }

    // -qmp: a chardev in the old spelling, and a monitor on it.
    private async ValueTask AddQmpAsync(ParsedOption option)
    {
        if (option.Value is "none" or "null")
        {
            return;
        }
        var id = $"compat_monitor{monitorCount++}";
        await AddChardevAsync(option with { Value = LegacyChardev.Describe(id, option.Value) });
        AddMonitor(new MonitorOptions(id, Pretty: option.Key == "qmp-pretty"), MonitorMode.Control);
    }

    private void CheckType(string text)
    {
        var type = KeyvalParser.Parse(text, "type").GetString("type") ?? machine.Type;
        if (type != machine.Type)
        {
            throw new CommandException($"unsupported machine type\nThere is no guest: the only type is '{machine.Type}'");
        }
    }
}
