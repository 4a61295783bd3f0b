using System.Diagnostics;
using Tidemark.Testing;

namespace Tidemark.Interop.Tests.Scenarios;

/// <content>Waiting for both.</content>
internal sealed partial class DaemonPair
{
    // Not only silence is an end that never comes: a job that fails and tries again for ever tells of it all the while.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    /// <summary>Waits until an event of this name for this job or device has come to both.</summary>
    public void WaitEvent(string name, string id)
    {
        script.Add($"wait for {name} of {id}");
        _ = reference.WaitEvent(name, id);
        _ = ours.WaitEvent(name, id);
    }

    /// <summary>Waits until the job has done so much in both.</summary>
    public void WaitProgress(string job, long bytes)
    {
        script.Add($"wait for {job} to do {bytes}");
        foreach (var daemon in (RealQemu[])[reference, ours])
        {
            while (
                !daemon
                    .Execute("query-jobs")
                    .EnumerateArray()
                    .Any(found =>
                        found.GetProperty("id").GetString() == job && found.GetProperty("current-progress").GetInt64() >= bytes
                    )
            )
            {
                Thread.Sleep(10);
            }
        }
    }

    /// <summary>Waits until the job has come to a state in both.</summary>
    public void WaitJob(string job, string state = "null")
    {
        script.Add($"wait for {job} {state}");
        _ = WaitJob(reference, job, state);
        _ = WaitJob(ours, job, state);
    }

    /// <summary>Waits until the job, a ready mirror, has copied in both what guests wrote.</summary>
    public void Settle(string job)
    {
        script.Add($"let {job} settle");
        Settle(reference, job);
        Settle(ours, job);
    }

    /// <summary>Waits until the job is ready or gone in both, and says which; they must agree.</summary>
    public string WaitReadyOrEnd(string job)
    {
        script.Add($"wait for {job} to be ready or gone");
        var state = WaitJob(reference, job, "ready", "null");
        Compare("ends", state, WaitJob(ours, job, "ready", "null"));
        return state;
    }

    /// <summary>
    /// Waits until the job is stopped by an error, ready, pending (where a user is to finalize it) or gone (null) in both, and says
    /// which; they must agree.
    /// </summary>
    public string WaitStoppedOrEnd(string job)
    {
        script.Add($"wait for {job} to be stopped, ready, pending or gone");
        var state = WaitStoppedOrEnd(reference, job);
        Compare("states", state, WaitStoppedOrEnd(ours, job));
        return state;
    }

    private string WaitJob(RealQemu daemon, string job, params string[] states)
    {
        _ = seen.TryGetValue((daemon, job), out var index);
        var began = Stopwatch.GetTimestamp();
        while (true)
        {
            for (; index < daemon.EventHistory.Count; index++)
            {
                var message = daemon.EventHistory[index];
                if (
                    message.GetProperty("event").GetString() == "JOB_STATUS_CHANGE"
                    && message.GetProperty("data").GetProperty("id").GetString() == job
                    && message.GetProperty("data").GetProperty("status").GetString() is { } state
                    && states.Contains(state, StringComparer.Ordinal)
                )
                {
                    seen[(daemon, job)] = index + 1;
                    return state;
                }
            }
            AwaitEvent(daemon, job, began);
        }
    }

    private void AwaitEvent(RealQemu daemon, string job, long began)
    {
        var isSilent = false;
        try
        {
            daemon.AwaitEvent();
        }
        catch (IOException)
        {
            isSilent = true;
        }
        if (isSilent || Stopwatch.GetElapsedTime(began) > LongestWait)
        {
            var who = ReferenceEquals(daemon, reference) ? "the reference" : "ours";
            var (told, state) = (WireText.Events(daemon), isSilent ? "" : $"{daemon.AskLine("{'execute':'query-block-jobs'}")}");
            Fail($"{who} {(isSilent ? "is silent" : "does not come to an end")}", $"waiting for {job}{told}\n{state}");
        }
    }

    private string WaitStoppedOrEnd(RealQemu daemon, string job)
    {
        _ = seen.TryGetValue((daemon, job), out var index);
        var (isStopped, state) = (false, (string?)null);
        var began = Stopwatch.GetTimestamp();
        while (state is null)
        {
            for (; state is null && index < daemon.EventHistory.Count; index++)
            {
                var message = daemon.EventHistory[index];
                var data = message.TryGetProperty("data", out var found) ? found : default;
                switch (message.GetProperty("event").GetString())
                {
                    case "BLOCK_JOB_ERROR" when data.GetProperty("device").GetString() == job:
                        isStopped |= data.GetProperty("action").GetString() == "stop";
                        break;
                    case "BLOCK_JOB_PENDING" when data.GetProperty("id").GetString() == job:
                        state = "pending";
                        break;
                    case "JOB_STATUS_CHANGE" when data.GetProperty("id").GetString() == job:
                        state = data.GetProperty("status").GetString() switch
                        {
                            "paused" or "standby" when isStopped => "stopped",
                            "ready" => "ready",
                            "null" => "null",
                            _ => null,
                        };
                        break;
                }
            }
            seen[(daemon, job)] = index;
            if (state is null)
            {
                AwaitEvent(daemon, job, began);
            }
        }
        return state;
    }

    // What was written last is copied a tenth of a second later.
    private static void Settle(RealQemu daemon, string job)
    {
        var before = "";
        for (var quiet = 0; quiet < 3; )
        {
            Thread.Sleep(100);
            var now = daemon
                .AskLine("{'execute':'query-block-jobs'}")
                .GetProperty("return")
                .EnumerateArray()
                .First(found => found.GetProperty("device").GetString() == job);
            var text = now.GetRawText();
            var isLevel = now.GetProperty("len").GetInt64() == now.GetProperty("offset").GetInt64();
            quiet = isLevel && text == before ? quiet + 1 : 0;
            before = text;
        }
    }
}
