using Tidemark.Cli.Demo.Mount;
using Tidemark.Core.Errors;

namespace Tidemark.Cli.Demo;

/// <content>Real files: where the kernel can mount the disk, someone works in its file system beside the writers of the database.</content>
internal sealed partial class MainJob
{
    private TappedDisk? tap;
    private MountedFileSystem? mount;
    private FileWork? work;

    private async ValueTask MountAsync()
    {
        if (MountedFileSystem.WhatIsMissing() is { } missing)
        {
            screen.Say($"no mount here ({missing}): the guest changes the database only, in place");
            return;
        }

        tap = new TappedDisk(engine, gate, truth, Disk);
        await tap.ConnectAsync(NbdPath);
        await tap.ListenAsync(PathOf("tap.sock"));
        try
        {
            mount = await MountedFileSystem.MountAsync(engine, PathOf("tap.sock"), PathOf("fuse"), PathOf("mount"));
        }
        catch (BlockException failure)
        {
            await UnmountAsync();
            screen.Say($"no mount here ({failure.Message}): the guest changes the database only, in place");
            return;
        }

        work = new FileWork(engine, mount.Folder, options.Seed);
        work.Start();
        screen.Say(
            $"the kernel mounts it (FUSE and a loop device) at {mount.Folder}: files come, grow, move and go there meanwhile"
        );
    }

    // In reverse. The tap must still answer while the kernel lets go of the disk.
    private async ValueTask UnmountAsync()
    {
        try
        {
            await (work?.StopAsync() ?? ValueTask.CompletedTask);
        }
        catch (IOException failure)
        {
            screen.Print($"the mounted file system refused a change: {failure.Message}");
        }

        work = null;

        if (mount is not null)
        {
            await mount.DisposeAsync();
            mount = null;
        }

        if (tap is not null)
        {
            await tap.DisposeAsync();
            tap = null;
        }
    }

    // Stops the changes of files, and sends to the disk what the kernel still has.
    private async ValueTask SettleFilesAsync()
    {
        if (work is not null && mount is not null)
        {
            await work.StopAsync();
            await mount.FreezeAsync();
        }
    }

    private async ValueTask ResumeFilesAsync()
    {
        if (work is not null && mount is not null)
        {
            await mount.ThawAsync();
            work.Start();
        }
    }
}
