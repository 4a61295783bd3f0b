using Tidemark.Block.Contract;
using Tidemark.Core.Errors;
using Tidemark.Io.Contract;

namespace Tidemark.Drivers.File;

internal sealed partial class FileDriver
{
    public override async ValueTask<ReopenStep> PrepareReopenAsync(NodeOptions options)
    {
        var (opened, isReadOnly) = await OpenFileAsync(Node.Graph.Engine, this.options.Filename, options);
        return new Step(this, opened, isReadOnly);
    }

    // The new descriptor takes its locks when the permissions are updated after the commit; the old one keeps its own until then.
    private sealed class Step(FileDriver driver, StorageFile opened, bool isReadOnly) : ReopenStep
    {
        public override async ValueTask CommitAsync()
        {
            var old = driver.file;
            driver.file = opened;
            driver.locks = driver.CreateLocks(opened);
            driver.Node.MarkReadOnly(isReadOnly);
            await old.DisposeAsync();
        }

        public override ValueTask AbortAsync() => opened.DisposeAsync();
    }
}
