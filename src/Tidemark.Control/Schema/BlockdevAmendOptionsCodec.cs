using Tidemark.Block.Contract;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Schema;

/// <summary>BlockdevAmendOptions: what x-blockdev-amend takes, put together from the drivers there are. One that can't amend takes nothing.</summary>
internal sealed class BlockdevAmendOptionsCodec(DriverRegistry drivers) : DriverUnionCodec(Name)
{
    public const string Name = "BlockdevAmendOptions";

    /// <inheritdoc/>
    protected override IMemberCodec? Common => null;

    /// <inheritdoc/>
    protected override IEnumerable<(string Driver, IMemberCodec? Options)> Branches =>
        drivers.All.Select(driver =>
            (driver.Name, driver.Amendment is null ? NoArguments.Codec : driver.Amendment.Options as IMemberCodec)
        );
}
