using Tidemark.Core.Channels;
using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Events;

namespace Tidemark.Qmp.Wire;

/// <summary>
/// A monitor that clients come to one after the other, as they do to the reference's: the next one is greeted when the last has
/// hung up. <paramref name="accept"/> gives the next client's channel, null when there will be no more.
/// </summary>
public sealed class QmpMonitor(
    Func<ValueTask<ByteChannel?>> accept,
    QmpDispatcher dispatcher,
    QmpEventHub events,
    QmpVersion version,
    bool pretty
)
{
    private QmpSession? current;
    private bool stopping;

    /// <summary>Serves clients until there are no more or <see cref="Stop"/> was called.</summary>
    public async Task RunAsync()
    {
        while (!stopping && await accept() is { } channel)
        {
            current = new QmpSession(channel, dispatcher, events, version, pretty);
            if (stopping)
            {
                current.Stop();
            }
            await current.RunAsync();
            current = null;
        }
    }

    /// <summary>Lets the client there is read what it was sent, then ends. Close the listener as well.</summary>
    public void Stop()
    {
        stopping = true;
        current?.Stop();
    }

    /// <summary>Ends at once.</summary>
    public void Abort()
    {
        stopping = true;
        current?.Abort();
    }
}
