using Tidemark.Core.Json;
using Tidemark.Core.Schema;

namespace Tidemark.Core.Tests.Schema;

/// <summary>Shapes that the generator must understand, after the wire's own.</summary>
[Schema]
internal enum SampleMode
{
    Off,

    OnSuccess,

    [Wire("x-Odd_name")]
    Odd,
}

[Schema]
internal sealed partial record SampleCache(bool? Direct = null, bool? NoFlush = null);

[Schema]
internal sealed partial record SampleArguments(
    string Node,
    string Name,
    uint? Granularity = null,
    bool Persistent = false,
    SampleMode Mode = SampleMode.OnSuccess,
    SampleCache? Cache = null,
    IReadOnlyList<SampleItem>? Items = null,
    [Size] ulong? L2CacheSize = null,
    [Size] long Length = 4096,
    int? Errno = null,
    ushort? Port = null,
    [Wire("type")] string? Kind = null,
    double? XPerf = null,
    JsonValue? Anything = null
);

[Schema(Name = "BlockDirtyBitmapOrStr", Alternate = true)]
internal sealed partial record SampleItem(string? Local = null, SampleExternal? External = null);

[Schema]
internal sealed partial record SampleExternal(string Node, string Name);

[Schema(Discriminator = "type")]
internal abstract partial record SampleAddress
{
    [Branch("inet")]
    public sealed partial record Inet(string Host, string Port, bool? Numeric = null) : SampleAddress;

    [Branch("unix")]
    public sealed partial record Unix(string Path) : SampleAddress;
}

[Schema]
internal sealed partial record SampleServer(SampleAddress Addr, uint MaxConnections = 100, SampleOuter.Nested? More = null);

internal static partial class SampleOuter
{
    [Schema]
    internal sealed partial record Nested(sbyte Small, IReadOnlyList<SampleMode> Modes, BlockdevRefOrNull? Backing = null);
}
