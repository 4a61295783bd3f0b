using BenchmarkDotNet.Attributes;
using Tidemark.Nbd;
using Tidemark.Nbd.Transmission;

namespace Tidemark.Bench;

/// <summary>What a request costs on the wire's side: parsing its header, alone and in a batch as it comes from a socket, and the reply's head.</summary>
[MemoryDiagnoser]
public class FramingBenchmarks
{
    private const int Batch = 64;

    private readonly byte[] reply = new byte[4096];
    private byte[] requests = [];
    private RequestHeader request;
    private int size;

    [Params(ReplyStyle.Structured, ReplyStyle.Extended)]
    public ReplyStyle Style { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        size = RequestHeader.SizeOf(Style);
        requests = new byte[Batch * size];
        for (var i = 0; i < Batch; i++)
        {
            request = new RequestHeader(CommandFlags.None, CommandType.Read, (ulong)i, (ulong)i * 4096, 4096);
            _ = request.Write(requests.AsSpan(i * size), Style);
        }
    }

    /// <summary>One header.</summary>
    [Benchmark]
    public bool ParseOne() => RequestHeader.TryParse(requests, Style, out request);

    /// <summary>64 headers one after the other.</summary>
    [Benchmark(OperationsPerInvoke = Batch)]
    public ulong ParseBatch()
    {
        var sum = 0UL;
        for (var at = 0; at < requests.Length; at += size)
        {
            _ = RequestHeader.TryParse(requests.AsSpan(at, size), Style, out var parsed);
            sum += parsed.Offset;
        }
        return sum;
    }

    /// <summary>A write's reply.</summary>
    [Benchmark]
    public int EncodeDone() => new ReplyWriter(Style).WriteDone(reply, request);

    /// <summary>What stands before a read's data.</summary>
    [Benchmark]
    public int EncodeDataHeader() => new ReplyWriter(Style).WriteDataHeader(reply, request, 4096, 4096, last: true);
}
