using Tidemark.Block.Contract;
using Tidemark.Drivers.File;
using Tidemark.Drivers.Filters.BlkDebug;
using Tidemark.Drivers.Filters.Compress;
using Tidemark.Drivers.Filters.CopyBeforeWrite;
using Tidemark.Drivers.Filters.CopyOnRead;
using Tidemark.Drivers.Filters.Preallocate;
using Tidemark.Drivers.Filters.SnapshotAccess;
using Tidemark.Drivers.Filters.Throttle;
using Tidemark.Drivers.NbdClient;
using Tidemark.Drivers.Null;
using Tidemark.Drivers.Qcow2;
using Tidemark.Drivers.Raw;

namespace Tidemark.Drivers;

/// <summary>The drivers that come with Tidemark: the one list to add a new one to.</summary>
public static class BuiltinDrivers
{
    /// <summary>A registry of all of them.</summary>
    public static DriverRegistry CreateRegistry()
    {
        var registry = new DriverRegistry();
        registry.Add(FileDriver.Definition);
        registry.Add(FileDriver.DeviceDefinition);
        registry.Add(RawDriver.Definition);
        registry.Add(NullDriver.Definition);
        registry.Add(Qcow2Driver.Definition);
        registry.Add(NbdDriver.Definition);
        registry.Add(BlkDebugDriver.Definition);
        registry.Add(CompressDriver.Definition);
        registry.Add(CopyBeforeWriteDriver.Definition);
        registry.Add(SnapshotAccessDriver.Definition);
        registry.Add(CopyOnReadDriver.Definition);
        registry.Add(ThrottleDriver.Definition);
        registry.Add(PreallocateDriver.Definition);
        return registry;
    }
}
