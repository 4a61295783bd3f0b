using Tidemark.Core.Json;
using Tidemark.Core.Schema;
using Tidemark.Qmp.Dispatch;
using Tidemark.Qmp.Events;

namespace Tidemark.Control.Events;

/// <summary>STOP, RESUME and SHUTDOWN: what a machine does as a whole.</summary>
public static partial class MachineEvents
{
    /// <summary>Why a machine ends (ShutdownCause); without a guest it is always somebody outside.</summary>
    [Schema(Name = "ShutdownCause")]
    public enum Cause
    {
        /// <summary>The command "quit".</summary>
        HostQmpQuit,

        /// <summary>A signal.</summary>
        HostSignal,
    }

    /// <summary>What SHUTDOWN carries.</summary>
    [Schema]
    internal sealed partial record Shutdown(bool Guest, Cause Reason);

    internal static IReadOnlyList<QmpEventDefinition> Definitions { get; } =
    [new("STOP", NoArguments.Codec), new("RESUME", NoArguments.Codec), new("SHUTDOWN", Shutdown.Codec)];

    /// <summary>The machine does not run any more.</summary>
    public static void PublishStop(QmpEventHub hub) => hub.Publish("STOP", null);

    /// <summary>The machine runs.</summary>
    public static void PublishResume(QmpEventHub hub) => hub.Publish("RESUME", null);

    /// <summary>The process is about to end.</summary>
    public static void PublishShutdown(QmpEventHub hub, Cause cause) =>
        hub.Publish("SHUTDOWN", (JsonObject)Shutdown.Codec.Write(new(Guest: false, cause)));
}
