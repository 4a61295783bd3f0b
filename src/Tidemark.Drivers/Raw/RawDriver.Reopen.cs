using Tidemark.Block.Contract;

namespace Tidemark.Drivers.Raw;

internal sealed partial class RawDriver
{
    public override ValueTask<ReopenStep> PrepareReopenAsync(NodeOptions options)
    {
        var parsed = RawOptions.Parse(options.DriverOptions);
        parsed.Check(file.SizeBytes);
        return new(new Step(this, parsed));
    }

    private sealed class Step(RawDriver driver, RawOptions options) : ReopenStep
    {
        public override ValueTask CommitAsync()
        {
            (driver.offset, driver.windowSize) = (options.Offset, options.SizeBytes);
            return ValueTask.CompletedTask;
        }
    }
}
