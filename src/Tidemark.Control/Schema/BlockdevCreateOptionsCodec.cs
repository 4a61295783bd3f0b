using Tidemark.Block.Contract;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;

namespace Tidemark.Control.Schema;

/// <summary>BlockdevCreateOptions: what blockdev-create takes, put together from the drivers there are. One that can't create takes nothing.</summary>
internal sealed class BlockdevCreateOptionsCodec(DriverRegistry drivers) : DriverUnionCodec(Name)
{
    public const string Name = "BlockdevCreateOptions";

    /// <inheritdoc/>
    protected override IMemberCodec? Common => null;

    /// <inheritdoc/>
    protected override IEnumerable<(string Driver, IMemberCodec? Options)> Branches =>
        drivers.All.Select(driver =>
            (driver.Name, driver.Creation is null ? NoArguments.Codec : driver.Creation.Options as IMemberCodec)
        );
}
