using System.Globalization;
using Drover.Core.Events;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Events;

namespace Drover.HostAgent.Events;

/// <summary>What an event of the engine is to the ledger: its type, what it changes, whether it is told
/// already.</summary>
internal static class LedgerRules
{
    /// <summary>The event of the closed set that it is; null for one that nobody is told of.</summary>
    internal static EventType? TypeOf(DockerEvent happened) => (happened.Action, happened.Detail) switch
    {
        ("create", _) => EventTypes.ContainerCreated,
        ("start", _) => EventTypes.ContainerStarted,
        ("die", _) => EventTypes.ContainerDied,
        ("oom", _) => EventTypes.ContainerOom,
        ("health_status", "healthy") => EventTypes.ContainerHealthy,
        ("health_status", "unhealthy") => EventTypes.ContainerUnhealthy,
        ("pause", _) => EventTypes.ContainerPaused,
        ("unpause", _) => EventTypes.ContainerUnpaused,
        ("destroy", _) => EventTypes.ContainerRemoved,
        _ => null,
    };

    /// <summary>The container's entry once the event has happened.</summary>
    internal static LedgerEntry After(LedgerEntry before, EventType type, EngineTimestamp at) => type switch
    {
        _ when type == EventTypes.ContainerStarted =>
            before with { Running = true, Paused = false, Health = null, StartedAt = at.ToString() },
        // An end that was told is no new run to a later picture, also where nobody was there to tell its start.
        _ when type == EventTypes.ContainerDied =>
            before with { Running = false, Paused = false, Health = null, StartedAt = at.ToString() },
        _ when type == EventTypes.ContainerPaused => before with { Paused = true },
        _ when type == EventTypes.ContainerUnpaused => before with { Paused = false },
        _ when type == EventTypes.ContainerHealthy => before with { Health = "healthy" },
        _ when type == EventTypes.ContainerUnhealthy => before with { Health = "unhealthy" },
        _ when type == EventTypes.ContainerRemoved => before with { Gone = true },
        _ => before,
    };

    /// <summary>True for a change that is told already, by the picture after a gap.</summary>
    internal static bool IsRepeated(bool isKnown, LedgerEntry before, LedgerEntry after, EventType type) => type switch
    {
        _ when type == EventTypes.ContainerOom => false,
        _ when type == EventTypes.ContainerCreated => isKnown,
        _ when type == EventTypes.ContainerStarted => before.Running,
        _ when !isKnown => false,
        _ when type == EventTypes.ContainerDied => !before.Running,
        _ => before == after,
    };

    /// <summary>The exit code that the end of a run carries.</summary>
    internal static int? ExitCodeOf(DockerEvent happened) =>
        int.TryParse(happened["exitCode"], CultureInfo.InvariantCulture, out var code) ? code : null;
}
