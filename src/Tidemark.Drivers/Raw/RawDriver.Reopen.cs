using Tidemark.Block.Contract;
using Tidemark.Core.Schema;

namespace Tidemark.Drivers.Raw;

internal sealed partial class RawDriver
{
    public override ValueTask<ReopenStep> PrepareReopenAsync(NodeOptions options)
    {
        var parsed = RawOptions.Codec.Parse(options.DriverOptions, SchemaMode.Lenient);
        parsed.Check(file.SizeBytes);
        return new(new Step(this, parsed));
    }

    private sealed class Step(RawDriver driver, RawOptions options) : ReopenStep
    {
        public override ValueTask CommitAsync()
        {
            (driver.offset, driver.windowSize) = (options.Offset ?? 0, options.Size);
            return ValueTask.CompletedTask;
        }
    }
}
