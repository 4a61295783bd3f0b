using System.Globalization;
using System.Text;
using Tidemark.Cli.Options;
using Tidemark.Core.Errors;
using Tidemark.Io.Contract;

namespace Tidemark.Cli.StorageDaemon;

/// <summary>--pidfile: holds this process's number as long as it runs, locked, so that a second daemon does not take it over.</summary>
internal sealed class PidFile : IAsyncDisposable
{
    private readonly IoEngine engine;
    private readonly StorageFile file;

    private PidFile(IoEngine engine, StorageFile file) => (this.engine, this.file) = (engine, file);

    /// <summary>Writes it; throws <see cref="CommandException"/>.</summary>
    public static async ValueTask<PidFile> CreateAsync(IoEngine engine, string path)
    {
        // The daemon may change its folder later on.
        var opened = await OpenAsync(engine, Path.GetFullPath(path), path);
        var text = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n"));
        if (opened.TestExclusiveLock(0) != IoStatus.Ok || opened.SetSharedLock(0, held: true) != IoStatus.Ok)
        {
            await opened.DisposeAsync();
            throw new CommandException("cannot create PID file: Cannot lock pid file");
        }
        var status = await opened.TruncateAsync(0);
        if (status == IoStatus.Ok)
        {
            status = await opened.WriteAsync(0, text);
        }
        if (status != IoStatus.Ok)
        {
            await opened.DisposeAsync();
            throw new CommandException($"cannot create PID file: Failed to write pid file: {status.Describe()}");
        }
        return new PidFile(engine, opened);
    }

    /// <summary>Removes it.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await engine.DeleteFileAsync(file.Path);
        }
        catch (BlockException)
        {
            // Somebody was faster.
        }
        await file.DisposeAsync();
    }

    private static async ValueTask<StorageFile> OpenAsync(IoEngine engine, string fullPath, string path)
    {
        try
        {
            return await engine.OpenFileAsync(fullPath, new FileOpenOptions(Writable: true, Create: true));
        }
        catch (BlockException error)
        {
            throw new CommandException($"cannot create PID file: Could not create '{path}': {error.Status.Describe()}");
        }
    }
}
