using Tidemark.Cli.Demo;
using Tidemark.Io.Loop;

namespace Tidemark.Cli.Tests.Demo;

public sealed class WriteGateTests
{
    [Fact]
    public void Closing_waits_for_those_inside_and_keeps_others_out()
    {
        var gate = new WriteGate();
        var steps = new List<string>();
        using var loop = new EventLoop();
        loop.Run(async () =>
        {
            await gate.EnterAsync();
            var closing = Note(gate.CloseAsync(), "closed");
            var late = Note(gate.EnterAsync(), "entered");
            await Task.Yield();
            Assert.Empty(steps);

            gate.Leave();
            await closing;
            await Task.Yield();
            Assert.Equal(["closed"], steps);

            gate.Open();
            await late;
        });
        Assert.Equal(["closed", "entered"], steps);

        async Task Note(ValueTask work, string step)
        {
            await work;
            steps.Add(step);
        }
    }
}
