using Tidemark.Cli.Io;
using Tidemark.Cli.Machine.Monitor;
using Tidemark.Cli.Options;
using Tidemark.Cli.Session;
using Tidemark.Cli.StorageDaemon;
using Tidemark.Cli.Terminal;
using Tidemark.Control;
using Tidemark.Control.Events;
using Tidemark.Control.Machine;
using Tidemark.Core.Errors;
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
        ["name", "uuid"],
        ["chardev"],
        ["object"],
        ["blockdev"],
        ["drive", "hda", "hdb", "hdc", "hdd", "cdrom", "fda", "fdb"],
        ["device"],
        ["mon", "monitor", "qmp", "qmp-pretty"],
    ];

    // What short forms of -drive stand for.
    private static readonly Dictionary<string, string> Places = new(StringComparer.Ordinal)
    {
        ["hda"] = "index=0,media=disk",
        ["hdb"] = "index=1,media=disk",
        ["hdc"] = "index=2,media=disk",
        ["hdd"] = "index=3,media=disk",
        ["cdrom"] = "index=2,media=cdrom",
        ["fda"] = "if=floppy,index=0",
        ["fdb"] = "if=floppy,index=1",
    };

    // All about a guest that runs.
    private static readonly HashSet<string> MachineProperties =
    [
        "accel",
        "acpi",
        "append",
        "default-ram-id",
        "dtb",
        "dump-guest-core",
        "firmware",
        "graphics",
        "hpet",
        "i8042",
        "initrd",
        "kernel",
        "kernel-irqchip",
        "max-ram-below-4g",
        "mem-merge",
        "memory-backend",
        "memory-encryption",
        "pcspk-audiodev",
        "pflash0",
        "pflash1",
        "pic",
        "pit",
        "sata",
        "smbus",
        "smm",
        "suppress-vmdesc",
        "usb",
        "vmport",
    ];

    private readonly GuestlessMachine machine;
    private readonly MachineBuilder builder;
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
        builder = new MachineBuilder(machine)
        {
            FormatGuessed = (filename, node) => FormatWarning.PrintIfGuessed(console, filename, node),
            MakeSnapshot = (image, isReadOnly) => SnapshotImage.CreateAsync(Graph, image, isReadOnly),
        };
        var people = new HumanMonitor(console, machine);
        BuiltinCommands.AddMachine(Commands, machine, people.RunAsync);
    }

    /// <inheritdoc/>
    public override async ValueTask SetUpAsync(ParsedOptions options)
    {
        machine.StartsByItself = !options.Has("S");
        builder.IsBare = options.Has("nodefaults");
        builder.IsSnapshot = options.Has("snapshot");
        BuildMachine(options.Get("machine") ?? "pc");
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
            await FinishAsync(phase[0], options);
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
            await machine.CloseAsync();
            Graph.Engine.Descriptors?.Dispose();
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask CarryOutAsync(ParsedOption option)
    {
        switch (option.Key)
        {
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
            case "device":
                await builder.AddDeviceAsync(WithoutHelp(option.Value));
                break;
            case "drive":
            case var shortForm when Places.ContainsKey(shortForm):
                await builder.AddDriveAsync(
                    option.Value,
                    Places.GetValueOrDefault(option.Key),
                    option.Typed,
                    line => Complain($"{option.Typed}: {line}")
                );
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

    // What follows from all options of a phase.
    private async ValueTask FinishAsync(string phase, ParsedOptions options)
    {
        try
        {
            if (phase == "drive")
            {
                var models = options.InOrder.Where(static o => o.Key == "device");
                builder.FinishDrives([
                    .. models.Select(static o => KeyvalParser.ParseEither(o.Value, "driver").Options.GetString("driver") ?? ""),
                ]);
            }
            else if (phase == "device")
            {
                await builder.FinishDevicesAsync();
            }
        }
        catch (BlockException error)
        {
            throw new CommandException(error.Message);
        }
    }

    private void BuildMachine(string text)
    {
        var options = KeyvalParser.Parse(text, "type");
        var type = options.GetString("type") ?? "pc";
        if (type is "help" or "?")
        {
            Console.Out.WriteLine("Supported machines are:");
            foreach (var (name, description) in MachineBuilder.Types)
            {
                Console.Out.WriteLine($"{name, -20} {description}");
            }
            throw new HelpPrintedException();
        }
        if (!builder.TryBuild(type))
        {
            throw new CommandException("unsupported machine type\nUse -machine help to list supported machines");
        }
        foreach (var name in options.Names.Where(static name => name != "type" && !MachineProperties.Contains(name)))
        {
            throw new CommandException($"Property '{machine.Type}-machine.{name}' not found");
        }
    }
}
