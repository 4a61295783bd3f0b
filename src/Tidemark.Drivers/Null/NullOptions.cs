using Tidemark.Core.Json;

namespace Tidemark.Drivers.Null;

internal sealed record NullOptions(long SizeBytes, long LatencyNs, bool ReadZeroes)
{
    public static NullOptions Parse(JsonObject options)
    {
        var reader = new OptionReader(options);
        var result = new NullOptions(
            reader.Number("size") ?? 1L << 30,
            reader.Number("latency-ns") ?? 0,
            reader.Flag("read-zeroes") ?? false
        );
        reader.End();
        return result;
    }
}
