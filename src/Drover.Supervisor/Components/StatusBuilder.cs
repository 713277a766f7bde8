using Drover.Core.Components;
using Drover.Core.Health;
using Drover.Supervisor.Control;
using Drover.Supervisor.Documents;

namespace Drover.Supervisor.Components;

/// <summary>From what a runner lets be seen to what people and tools are told. Pure but for the clock.</summary>
internal static class StatusBuilder
{
    internal static ComponentStatus Of(
        ComponentDocument document,
        ComponentView view,
        Func<ProbeKind, string?> targetOf,
        MonotonicClock clock)
    {
        var runtime = view.Runtime;
        var isAlive = runtime.Phase is InstancePhase.Alive;
        return new ComponentStatus
        {
            Name = document.Name,
            DisplayName = document.DisplayName,
            Kind = document.Launch.Kind,
            State = runtime.State,
            Ready = runtime.State is ComponentState.Running && view.Unseen is null,
            Health = HealthOf(view),
            Instance = runtime.Instance,
            Pid = isAlive && !view.OnlyRemains ? view.Instance?.Process?.Pid : null,
            Container = isAlive ? view.Instance?.ContainerName : null,
            Address = (document.Launch as ExternalAddress)?.Address,
            StartedAt = isAlive ? clock.WallTimeOf(runtime.StartedAt) : null,
            Restarts = runtime.Restarts,
            LastRestartAt = clock.WallTimeOf(runtime.LastRestartAt),
            LastRestartCause = runtime.LastRestartAt is null ? null : StatusOf(runtime.LastRestartCause),
            LastCause = StatusOf(runtime.LastCause),
            LastError = view.Unseen ?? view.LastError,
            NextStartAt = runtime.State is ComponentState.Backoff or ComponentState.Failed
                ? clock.WallTimeOf(runtime.WakeAt)
                : null,
            Probes =
            [
                .. Enum.GetValues<ProbeKind>()
                    .Where(kind => view.Component.Spec.Health.Of(kind) is not null)
                    .Select(kind => ProbeOf(kind, view, targetOf(kind) ?? "", clock)),
            ],
        };
    }

    internal static ComponentHealth HealthOf(ComponentView view)
    {
        var runtime = view.Runtime;
        if (view.AwaitsStart)
        {
            return ComponentHealth.Starting;
        }

        return runtime.State switch
        {
            ComponentState.Running or ComponentState.Unhealthy when view.Unseen is not null => ComponentHealth.Unknown,
            ComponentState.Running => ComponentHealth.Healthy,
            ComponentState.Starting when view.Unseen is not null => ComponentHealth.Unhealthy,
            ComponentState.Starting => ComponentHealth.Starting,
            ComponentState.Unhealthy or ComponentState.Backoff or ComponentState.Failed => ComponentHealth.Unhealthy,
            ComponentState.Stopping => runtime.Purpose switch
            {
                StopPurpose.Rest => ComponentHealth.Stopped,
                StopPurpose.Relaunch => ComponentHealth.Starting,
                StopPurpose.Recover => ComponentHealth.Unhealthy,
            },
            ComponentState.Stopped => runtime.LastCause is { IsFailure: true }
                ? ComponentHealth.Unhealthy
                : ComponentHealth.Stopped,
        };
    }

    private static CauseStatus? StatusOf(EndCause? cause) =>
        cause is null ? null : new CauseStatus(cause.Word, cause.Message);

    private static ProbeStatus ProbeOf(ProbeKind kind, ComponentView view, string target, MonotonicClock clock)
    {
        // Until the first instance, and for a probe that is new in the file, nothing is known.
        var state = view.Health.Of(kind) ?? new ProbeState(ProbeResult.Unknown);
        var trace = view.TraceOf(kind);
        return new ProbeStatus
        {
            Kind = kind,
            Target = target,
            Result = state.Result,
            LastOutcome = state.LastOutcome,
            InARow = state.InARow,
            Message = state.Message,
            LastRunAt = clock.WallTimeOf(trace.EndedAt),
            LatencyMs = trace.EndedAt is null ? null : trace.Latency.TotalMilliseconds,
            NextRunAt = view.Health.Phase is HealthPhase.Idle ? null : clock.WallTimeOf(state.Due),
            OnHold = state.OnHold,
        };
    }
}
