using Tidemark.Cli.Demo.FileSystem;
using Tidemark.Core.Units;
using Tidemark.Io.Contract;

namespace Tidemark.Cli.Demo;

/// <summary>
/// The main job, once through: a disk is served and written to; it is backed up in full and in increments meanwhile; every
/// backup is restored and compared with what the disk held at its instant.
/// <code>
///   guest (4 connections) ── NBD ──► daemon ──► disk.qcow2
///        │                             │ ▲
///        └──► truth log               QMP└── full.qcow2 ◄── increment-1.qcow2 ◄── …
/// </code>
/// </summary>
internal sealed partial class MainJob(DemoOptions options, IoEngine engine, DemoScreen screen, Judges judges)
{
    private const string Disk = "disk"; // node, and name of the export
    private const string Bitmap = "changes";
    private const int GranuleBytes = 64 * 1024;
    private static readonly TimeSpan Stretch = TimeSpan.FromSeconds(2); // of work between two backups

    private readonly ProgramCommand daemonProgram = ProgramCommand.Own("qemu-storage-daemon", "TIDEMARK_DEMO_DAEMON");
    private readonly ProgramCommand imageTool = ProgramCommand.Own("qemu-img", "TIDEMARK_DEMO_IMAGE_TOOL");
    private readonly WriteGate gate = new();
    private readonly List<PointInTime> points = [];
    private TruthLog truth = null!; // made by MakeDisk, the first step
    private GuestLoad guest = null!; // likewise
    private DaemonProcess? daemon;

    private string DiskPath => PathOf("disk.qcow2");

    private string NbdPath => PathOf("nbd.sock");

    /// <summary>Does it all. Returns whether every point came back as it was. Throws what stopped it.</summary>
    public async Task<bool> RunAsync()
    {
        screen.Say(judges.Describe());
        var changing = MakeDisk();
        try
        {
            await ServeAsync(create: true);
            await FillAsync();
            await guest.StartAsync(NbdPath, Disk, changing);
            screen.Say("the guest writes, on 4 connections, and does not stop");

            await MountAsync();

            await AnchorAsync();
            await WorkAsync();
            await IncrementAsync("");
            await WorkAsync();
            await IncrementAsync("");
            await WorkAsync();
            await FailForLackOfSpaceAsync();
            await WorkAsync();
            await IncrementAsync("repeated after the failure");
            await WorkAsync();
            await RestartAsync(changing);
            await WorkAsync();
            await IncrementAsync("after the restart");
            await EndAsync();
        }
        finally
        {
            gate.Open();
            await UnmountAsync();
            if (daemon is not null)
            {
                await daemon.DisposeAsync();
            }
        }

        var good = await ProveAsync();
        truth.Dispose();
        Report(good);
        return good;
    }

    private string PathOf(string name) => Path.Combine(options.Folder, name);

    // The guest's next stretch of work, at another place of its file.
    private async ValueTask WorkAsync()
    {
        guest.Phase++;
        await engine.Loop.DelayAsync(Stretch, CancellationToken.None);
    }

    private async ValueTask EndAsync()
    {
        await UnmountAsync();
        await guest.StopAsync();
        await daemon!.QuitAsync(); // it runs: every step before this one used it
        screen.Say(
            $"the guest rests after {truth.Count:N0} writes, {DemoScreen.Size(truth.Bytes)}; the daemon has stored its bitmap and ended"
        );
    }

    private List<ByteRange> MakeDisk()
    {
        Directory.CreateDirectory(options.Folder);
        var raw = PathOf("truth.raw");
        using var file = new FileStream(raw, FileMode.Create);
        file.SetLength(options.SizeBytes);
        var random = new Random(options.Seed);
        var identity = new byte[16];
        random.NextBytes(identity);
        var builder = new Ext4Builder(
            file,
            options.SizeBytes,
            (uint)engine.Time.GetUtcNow().ToUnixTimeSeconds(),
            new Guid(identity)
        );

        var content = new byte[options.SizeBytes / 8];
        random.NextBytes(content);
        var changing = builder.AddFile(builder.Root, "database", content);
        var found = new FoundFiles(builder);
        found.Copy(options.SizeBytes * 3 / 8);
        builder.Finish();

        truth = new TruthLog(raw, PathOf("truth.log"));
        guest = new GuestLoad(engine, gate, truth, options.Seed);
        screen.Say(
            $"made a disk of {DemoScreen.Size(options.SizeBytes)} with an ext4 file system: {found.Count:N0} files of this machine ({DemoScreen.Size(found.Bytes)}) "
                + $"and a database of {DemoScreen.Size(content.Length)} that will change"
        );
        return [.. changing];
    }
}
