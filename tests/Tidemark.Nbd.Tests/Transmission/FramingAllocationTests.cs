using Tidemark.Nbd.Transmission;
using Tidemark.Testing;

namespace Tidemark.Nbd.Tests.Transmission;

/// <summary>Taking requests apart and putting replies together stays within its allocation budget.</summary>
public sealed class FramingAllocationTests
{
    private const int Batch = 64;

    private static readonly RequestHeader Request = new(CommandFlags.None, CommandType.Read, 1, 4096, 4096);

    private static readonly ReplyStyle[] Chunks = [ReplyStyle.Structured, ReplyStyle.Extended];

    private static readonly Dictionary<string, Func<Action>> Operations = new(StringComparer.Ordinal)
    {
        ["nbd.parse.compact"] = static () => Parsing(ReplyStyle.Simple, 1),
        ["nbd.parse.extended"] = static () => Parsing(ReplyStyle.Extended, 1),
        ["nbd.parse.batch"] = static () => Parsing(ReplyStyle.Extended, Batch),
        ["nbd.reply.done"] = static () => Writing(static (writer, target) => writer.WriteDone(target, Request)),
        ["nbd.reply.data"] = static () =>
            Writing(static (writer, target) => writer.WriteDataHeader(target, Request, 4096, 4096, last: true)),
        ["nbd.reply.hole"] = static () =>
            Writing(static (writer, target) => writer.WriteHole(target, Request, 4096, 4096, last: true)),
        ["nbd.reply.error"] = static () =>
            Writing(static (writer, target) => writer.WriteError(target, Request, NbdError.IoError, "Input/output error")),
    };

    private delegate int Write(ReplyWriter writer, byte[] target);

    public static TheoryData<string> Names => [.. Operations.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_frame_stays_within_its_budget(string name) =>
        Assert.InRange(AllocationBudget.Measure(Operations[name]()), 0, AllocationBudget.Of(name));

    [Fact]
    public void Every_budget_of_framing_is_measured() =>
        Assert.All(AllocationBudget.Names("nbd."), static name => Assert.Contains(name, Operations));

    private static Action Parsing(ReplyStyle style, int count)
    {
        var size = RequestHeader.SizeOf(style);
        var bytes = new byte[count * size];
        for (var at = 0; at < bytes.Length; at += size)
        {
            _ = Request.Write(bytes.AsSpan(at), style);
        }
        return () =>
        {
            for (var at = 0; at < bytes.Length; at += size)
            {
                Assert.True(RequestHeader.TryParse(bytes.AsSpan(at, size), style, out _));
            }
        };
    }

    private static Action Writing(Write write)
    {
        var target = new byte[4096];
        return () =>
        {
            foreach (var style in Chunks)
            {
                Assert.True(write(new ReplyWriter(style), target) > 0);
            }
        };
    }
}
