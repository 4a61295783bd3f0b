using System.Text;

namespace Tidemark.Cli.Machine.Monitor;

/// <summary>info: tells about one of several things.</summary>
internal sealed class InfoCommand : IMonitorCommand
{
    private readonly IMonitorCommand[] topics =
    [
        new InfoBlock(),
        new InfoText("name", static m => m.Name),
        new InfoText("status", static m => $"VM status: {(m.IsRunning ? "running" : $"paused{Why(m.State)}")}"),
        new InfoText("uuid", static m => m.Uuid.ToString()),
    ];

    public string Name => "info";

    public ValueTask RunAsync(HumanMonitor monitor, string arguments, StringBuilder output)
    {
        var (topic, rest) = MonitorWords.First(arguments);
        if (topic.Length == 0)
        {
            foreach (var known in topics)
            {
                _ = output.Append("info ").Append(known.Name).Append('\n');
            }
            return default;
        }
        var command = Array.Find(topics, t => t.Name == topic) ?? throw new MonitorException($"unknown command: 'info {topic}'");
        return command.RunAsync(monitor, rest, output);
    }

    private static string Why(Control.Machine.RunState state) =>
        state == Control.Machine.RunState.Paused ? "" : $" ({Control.Machine.RunStateWords.ToWord(state)})";
}
