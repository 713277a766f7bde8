using Drover.Core.Components;
using Drover.Supervisor.Control;
using Drover.Terminal;

namespace Drover.Supervision;

/// <summary>States and health as people read them: a symbol, a word, and the tone that a terminal gives them.</summary>
internal static class StateWords
{
    internal const string Bad = "✗";

    internal const string Good = "✓";
    private const string Busy = "↻";
    private const string Failed = "✗✗";
    private const string Resting = "○";
    private const string Unknown = "?";

    /// <summary>True for what somebody should look at.</summary>
    internal static bool IsUnwell(ComponentStatus component) => component.Health is ComponentHealth.Unhealthy;

    internal static (string Text, Tone Tone) State(ComponentStatus component) =>
        component.Kind is ComponentKind.External ? OfExternal(component) : component.State switch
        {
            // It ran when it was last seen.
            ComponentState.Running or ComponentState.Unhealthy when component.Health is ComponentHealth.Unknown =>
                ($"{Unknown} Running", Tone.Warning),
            ComponentState.Running => ($"{Good} Running", Tone.Good),
            ComponentState.Starting => ($"{Busy} Starting", Tone.Warning),
            ComponentState.Backoff => ($"{Busy} Backoff", Tone.Warning),
            ComponentState.Stopping => ($"{Busy} Stopping", Tone.Warning),
            ComponentState.Unhealthy => ($"{Bad} Unhealthy", Tone.Bad),
            ComponentState.Failed => ($"{Failed} Failed", Tone.Bad),
            ComponentState.Stopped when component.WaitsFor.Count > 0 => ($"{Busy} Waiting", Tone.Warning),
            ComponentState.Stopped when component.LastCause is { Word: "exit", Message: "exited with code 0" } =>
                ($"{Resting} Completed", Tone.Dim),
            ComponentState.Stopped => ($"{Resting} Stopped", Tone.Dim),
        };

    internal static (string Text, Tone Tone) Health(ComponentHealth health) => health switch
    {
        ComponentHealth.Healthy => ($"{Good} Healthy", Tone.Good),
        ComponentHealth.Unhealthy => ($"{Bad} Unhealthy", Tone.Bad),
        ComponentHealth.Starting => ($"{Busy} Starting", Tone.Warning),
        ComponentHealth.Stopped => ($"{Resting} Stopped", Tone.Dim),
        ComponentHealth.Unknown => ($"{Unknown} Unknown", Tone.Warning),
    };

    /// <summary>It is reached or not; nobody here starts it.</summary>
    private static (string Text, Tone Tone) OfExternal(ComponentStatus component) => component.Health switch
    {
        ComponentHealth.Healthy => ($"{Good} Running", Tone.Good),
        ComponentHealth.Unhealthy => ($"{Bad} Unreachable", Tone.Bad),
        ComponentHealth.Starting => ($"{Busy} Not seen yet", Tone.Warning),
        ComponentHealth.Stopped => ($"{Resting} Not watched", Tone.Dim),
        ComponentHealth.Unknown => ($"{Unknown} Not watched", Tone.Warning),
    };
}
