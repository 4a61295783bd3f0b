using Tidemark.Block.Contract;
using Tidemark.Core.Schema;

namespace Tidemark.Control.Schema;

/// <summary>BlockdevOptions: what blockdev-add takes, put together from the drivers there are.</summary>
internal sealed class BlockdevOptionsCodec(DriverRegistry drivers) : DriverUnionCodec(Name)
{
    public const string Name = "BlockdevOptions";

    /// <inheritdoc/>
    protected override IMemberCodec Common => BlockdevBase.Codec;

    /// <inheritdoc/>
    protected override IEnumerable<(string Driver, IMemberCodec? Options)> Branches =>
        drivers.All.Select(driver => (driver.Name, driver.Options as IMemberCodec));
}
