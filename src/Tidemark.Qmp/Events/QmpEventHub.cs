using Tidemark.Core.Json;

namespace Tidemark.Qmp.Events;

/// <summary>
/// Where events begin: each goes, with its time, to every session that has negotiated, in the order of publication and before any
/// reply that is written later. None of the events that we have is limited in rate by the reference. Belongs to one loop.
/// </summary>
public sealed class QmpEventHub(TimeProvider time)
{
    private readonly List<Action<JsonObject>> listeners = [];

    /// <summary>Sends an event to all sessions. <paramref name="data"/> is left out where the event has none.</summary>
    public void Publish(string name, JsonObject? data)
    {
        if (listeners.Count == 0)
        {
            return;
        }
        var microseconds = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        var message = new JsonObject
        {
            ["timestamp"] = new JsonObject
            {
                ["seconds"] = microseconds / 1_000_000,
                ["microseconds"] = microseconds % 1_000_000,
            },
            ["event"] = name,
        };
        if (data is not null)
        {
            message["data"] = data;
        }
        // A listener that gives up its connection leaves the list while it is walked.
        foreach (var listener in listeners.ToArray())
        {
            listener(message);
        }
    }

    internal void Subscribe(Action<JsonObject> listener) => listeners.Add(listener);

    internal void Unsubscribe(Action<JsonObject> listener) => _ = listeners.Remove(listener);
}
