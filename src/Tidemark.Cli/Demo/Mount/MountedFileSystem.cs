using System.Diagnostics;
using Tidemark.Core.Errors;
using Tidemark.Io.Contract;

namespace Tidemark.Cli.Demo.Mount;

/// <summary>
/// The disk's file system, mounted by the kernel: nbdfuse shows the disk as a file, a loop device as a disk again. Needs root,
/// FUSE, and a few programs; <see cref="WhatIsMissing"/> tells.
/// </summary>
internal sealed class MountedFileSystem : IAsyncDisposable
{
    private static readonly string[] Programs = ["nbdfuse", "losetup", "mount", "umount", "fsfreeze"];
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    private readonly string fuseFolder;
    private Process? fuse;
    private string? device;
    private bool isMounted;
    private bool isFrozen;

    private MountedFileSystem(string fuseFolder, string mountFolder) => (this.fuseFolder, Folder) = (fuseFolder, mountFolder);

    /// <summary>Where its files are.</summary>
    public string Folder { get; }

    /// <summary>Why no mount is possible here, in a few words; null if one may be.</summary>
    public static string? WhatIsMissing()
    {
        if (Environment.UserName != "root")
        {
            return "it takes root";
        }

        var missing = Programs
            .Where(name => ProgramCommand.Find(name) is null)
            .Append(File.Exists("/dev/fuse") ? null : "/dev/fuse")
            .OfType<string>()
            .ToList();
        return missing.Count > 0 ? $"{string.Join(", ", missing)} not there" : null;
    }

    /// <summary>Mounts the disk that is served at <paramref name="socketPath"/>. Throws <see cref="BlockException"/> with the reason if it cannot be.</summary>
    public static async ValueTask<MountedFileSystem> MountAsync(
        IoEngine engine,
        string socketPath,
        string fuseFolder,
        string mountFolder
    )
    {
        _ = Directory.CreateDirectory(fuseFolder);
        _ = Directory.CreateDirectory(mountFolder);
        var mounted = new MountedFileSystem(fuseFolder, mountFolder);
        try
        {
            await mounted.StartAsync(engine, socketPath);
            return mounted;
        }
        catch (BlockException)
        {
            await mounted.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends everything to the disk and lets no change through until <see cref="ThawAsync"/>.</summary>
    public async ValueTask FreezeAsync()
    {
        _ = await Tool("fsfreeze").RunWellAsync("-f", Folder);
        isFrozen = true;
    }

    /// <summary>Lets changes through again.</summary>
    public async ValueTask ThawAsync()
    {
        if (isFrozen)
        {
            isFrozen = false;
            _ = await Tool("fsfreeze").RunWellAsync("-u", Folder);
        }
    }

    /// <summary>Takes it all down. What does not go is left, and told by no one: the demo is over.</summary>
    public async ValueTask DisposeAsync()
    {
        if (isFrozen)
        {
            isFrozen = false;
            _ = await Tool("fsfreeze").RunAsync("-u", Folder);
        }

        if (isMounted)
        {
            isMounted = false;
            _ = await Tool("umount").RunAsync(Folder);
        }

        if (device is not null)
        {
            _ = await Tool("losetup").RunAsync("-d", device);
            device = null;
        }

        if (fuse is not null)
        {
            _ = await Tool("umount").RunAsync(fuseFolder);
            if (!fuse.HasExited)
            {
                fuse.Kill();
            }

            await fuse.WaitForExitAsync();
            fuse.Dispose();
            fuse = null;
        }
    }

    private async ValueTask StartAsync(IoEngine engine, string socketPath)
    {
        var file = Path.Combine(fuseFolder, "disk");
        fuse = Tool("nbdfuse").Start(file, "--unix", socketPath);
        var start = engine.Time.GetTimestamp();
        while (!File.Exists(file))
        {
            if (fuse.HasExited || engine.Time.GetElapsedTime(start) > StartLimit)
            {
                throw new BlockException(BlockErrorKind.NotSupported, "nbdfuse did not show the disk");
            }

            await engine.Loop.DelayAsync(Poll, CancellationToken.None);
        }

        device = (await Tool("losetup").RunWellAsync("--find", "--show", file)).Trim();
        _ = await Tool("mount").RunWellAsync("-t", "ext4", "-o", "nodiscard", device, Folder);
        isMounted = true;
    }

    private static ProgramCommand Tool(string name) =>
        ProgramCommand.Find(name) ?? throw new BlockException(BlockErrorKind.NotFound, $"{name} is not installed");
}
