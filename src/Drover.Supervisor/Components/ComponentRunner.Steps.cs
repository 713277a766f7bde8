using System.Collections.Immutable;
using System.Globalization;
using Drover.Core.Components;
using Drover.Core.Events;
using Drover.Core.Health;
using Drover.Runtime.Faults;
using Drover.Supervisor.Control;
using Drover.Supervisor.State;

namespace Drover.Supervisor.Components;

/// <summary>One step: decide, record, act.</summary>
internal sealed partial class ComponentRunner
{
    private void Answer(RunnerMessage message)
    {
        switch (message)
        {
            case RunnerMessage.Happened happened:
                Take(happened.Input);
                break;
            case RunnerMessage.Probed probed:
                Take(probed.Input, probed.Latency);
                break;
            case RunnerMessage.Launched launched:
                if (launched.Instance == View.Runtime.Instance)
                {
                    _view = _view with { Instance = launched.Record };
                }

                Take(new Input.Launched(default, launched.Instance));
                FaultPoint.Reach(FaultPoints.LaunchIdentified);
                break;
            case RunnerMessage.Survived survived:
                Change(_view with
                {
                    LastError = $"instance {survived.Instance} was killed and these live on: {survived.Survivors}",
                    Survivors = survived.Instance == View.Runtime.Instance ? survived.Survivors : View.Survivors,
                });
                break;
            case RunnerMessage.Objected objected when objected.Instance == View.Runtime.Instance:
                Change(_view with { LastError = objected.Sentence });
                break;
            case RunnerMessage.Unseen unseen when unseen.Instance == View.Runtime.Instance:
                See(unseen);
                break;
            case RunnerMessage.WriteAgain:
                WriteAgain();
                break;
            case RunnerMessage.Kept kept:
                Change(_view with { Ends = _view.Ends.Remove(kept.End) });
                break;
            case RunnerMessage.AwaitStart:
                AwaitStart();
                break;
            case RunnerMessage.Release when View.AwaitsStart:
                Take(new Input.Start(default));
                break;
            case RunnerMessage.Reconfigure reconfigure:
                Volatile.Write(ref _prober, reconfigure.Prober);
                Take(new Input.Reconfigured(default, reconfigure.Spec) { OtherTargets = reconfigure.OtherTargets });
                break;
            case RunnerMessage.Ping ping:
                ping.Answer.TrySetResult();
                break;
            default:
                // A release that came too late: it was stopped, or it runs.
                break;
        }
    }

    private void See(RunnerMessage.Unseen unseen)
    {
        if (unseen.Why == View.Unseen)
        {
            return;
        }

        var instance = new EventField("instance", unseen.Instance.ToString(CultureInfo.InvariantCulture));
        var happened = (unseen.Why, View.Unseen) switch
        {
            (null, _) => EventOf(new Effect.Emit(EventTypes.ComponentSeen, [instance])),
            ({ } why, null) => EventOf(
                new Effect.Emit(EventTypes.ComponentUnseen, [instance, new EventField("message", why)])),
            _ => null,
        };
        Change(_view with { Unseen = unseen.Why });
        if (happened is not null)
        {
            _parts.Events.Emit(happened);
        }
    }

    private void AwaitStart()
    {
        var runtime = View.Runtime;
        var isNeeded = runtime.Phase is InstancePhase.None
            || runtime is { State: ComponentState.Stopping, Purpose: StopPurpose.Rest };
        if (isNeeded && !View.AwaitsStart)
        {
            Change(_view with { AwaitsStart = true });
        }
    }

    private void Take(Input input)
    {
        var before = _view;
        var stamped = input with { Now = _parts.Clock.Now, Chance = _parts.Random.NextDouble() };
        var result = ComponentStep.Take(before.Component, before.Health, stamped);
        var isOrder = input is Input.Start or Input.Restart or Input.Stop;
        var end = HasEnded(before, result, stamped) ? EndOf(before, result.Component, stamped) : null;
        var events = EventsOf(result);
        var isSame = result.Component.Runtime.Phase is not InstancePhase.None
            && result.Component.Runtime.Instance == before.Runtime.Instance;
        Change(before with
        {
            Component = result.Component,
            Health = result.Health,
            OnlyRemains = (isSame && before.OnlyRemains) || IsOfRemains(input, result.Component.Runtime),
            Survivors = isSame ? before.Survivors : null,
            AwaitsStart = before.AwaitsStart && !isOrder,
            Instance = result.Component.Runtime.Phase is InstancePhase.None or InstancePhase.Launching
                ? null
                : before.Instance,
            Unseen = isSame ? before.Unseen : null,
            LastError = input is Input.Start or Input.Restart && !before.IsStuck
                ? null
                : ErrorOf(before, result, end, stamped),
            Ends = end is null ? before.Ends : Bounded(before.Ends.Add(end)),
        });
        Act(result.Effects, events);
        if (end is not null)
        {
            Tell(end, isRepeat: false);
        }
    }

    private static bool IsOfRemains(Input input, ComponentRuntime runtime) =>
        runtime.Phase is not InstancePhase.None
        && (input is Input.Recovered { IsEnding: true }
            || (input is Input.Ending ending && ending.Instance == runtime.Instance));

    private void Take(HealthInput input, TimeSpan latency)
    {
        var before = _view;
        var now = _parts.Clock.Now;
        var result = ComponentStep.Take(
            before.Component, before.Health, input with { Now = now }, _parts.Random.NextDouble());
        var next = before with
        {
            Component = result.Component,
            Health = result.Health,
            LastError = ErrorOf(before, result, end: null, input: null),
        };
        if (input is HealthInput.ProbeEnded ended)
        {
            next = next.With(ended.Kind, new ProbeTrace(now, latency));
        }

        var events = EventsOf(result);
        Change(next);
        Act(result.Effects, events);
    }

    /// <summary>The events of a step, in its order, before the step is written down.</summary>
    private Queue<ComponentEvent> EventsOf(StepResult result)
    {
        var events = new Queue<ComponentEvent>();
        foreach (var (effect, _) in result.Effects)
        {
            if (effect is Effect.Emit emit)
            {
                events.Enqueue(EventOf(emit));
            }
        }

        return events;
    }

    private ComponentEvent EventOf(Effect.Emit emit)
    {
        var now = _parts.Clock.Time.GetUtcNow();
        return _outbox?.Add(now, emit.Type, emit.Fields) ?? new ComponentEvent(now, Id, emit.Type, emit.Fields);
    }

    /// <summary>Writes the next state down, then lets it be seen. Only after this is anything done.</summary>
    private void Change(ComponentView next)
    {
        if (IsWorthWriting(_view, next) || _outbox is { HasNews: true })
        {
            var events = _outbox?.Write();
            _parts.Store.Write(new ComponentRecord
            {
                Boot = _parts.Boot,
                AwaitsStart = next.AwaitsStart,
                Runtime = next.Runtime,
                Health = next.Health,
                Instance = next.Instance,
                LastError = next.LastError,
                Events = events is { Count: > 0 } ? events : null,
                Ends = next.Ends.IsEmpty ? null : next.Ends,
            });
            RetryWhenRefused();
        }

        Volatile.Write(ref _view, next);
        _changed.Beat();
        Changed(this);
    }

    /// <summary>A disk that is full now has room some time, and nothing else may happen until the next crash.</summary>
    private void RetryWhenRefused()
    {
        if (_parts.Store.Trouble is null)
        {
            _writeAgain?.Dispose();
            _writeAgain = null;
        }
        else
        {
            _writeAgain ??= _parts.Clock.Time.CreateTimer(
                _ => Post(RunnerMessage.WriteAgain.Instance), state: null, WriteAgainEvery, WriteAgainEvery);
        }
    }

    private void WriteAgain()
    {
        var before = _parts.Store.Trouble;
        _parts.Store.WriteAgain();
        RetryWhenRefused();
        if (before != _parts.Store.Trouble)
        {
            _changed.Beat();
            Changed(this);
        }
    }

    /// <summary>
    /// A probe that goes on finding what it found changes nothing that a supervisor which starts again would decide
    /// otherwise: when it runs next is worked out anew, and a streak counts only up to its threshold.
    /// </summary>
    private bool IsWorthWriting(ComponentView before, ComponentView next) =>
        !ReferenceEquals(before.Runtime, next.Runtime) && before.Runtime != next.Runtime
        || before.AwaitsStart != next.AwaitsStart
        || before.LastError != next.LastError
        || before.Instance != next.Instance
        || before.Ends != next.Ends
        || before.Health.Phase != next.Health.Phase
        || before.Health.Started != next.Health.Started
        || before.Health.Ready != next.Health.Ready
        || Enum.GetValues<ProbeKind>().Any(kind => Differ(kind, before.Health.Of(kind), next.Health.Of(kind)));

    private bool Differ(ProbeKind kind, ProbeState? before, ProbeState? next)
    {
        if (before is null || next is null)
        {
            return before != next;
        }

        var spec = _view.Component.Spec.Health.Of(kind);
        var threshold = Math.Max(spec?.SuccessThreshold ?? 1, spec?.FailureThreshold ?? 1);
        return before.Result != next.Result
            || before.OnHold != next.OnHold
            || before.LastOutcome != next.LastOutcome
            || Math.Min(before.InARow, threshold) != Math.Min(next.InARow, threshold);
    }

    private static bool HasEnded(ComponentView before, StepResult result, Input input)
    {
        var (old, next) = (before.Runtime, result.Component.Runtime);
        var wasUnrecorded = input is Input.Recovered recovered && recovered.LastSeen > old.Instance;
        return input is not Input.Recovered { IsEnding: true }
            && (old.Phase is not InstancePhase.None || wasUnrecorded)
            && before.Component.Spec.Ownership is Ownership.Owned
            && (next.Phase is InstancePhase.None || next.Instance != old.Instance);
    }

    private static string? ErrorOf(ComponentView before, StepResult result, UnconfirmedEnd? end, Input? input)
    {
        var next = result.Component.Runtime;
        if (input is Input.Exited or Input.LaunchFailed or Input.Recovered
            && end is not null
            && next.LastCause is { IsFailure: true } cause)
        {
            return cause.Message;
        }

        return next.State is ComponentState.Unhealthy && before.Runtime.State is not ComponentState.Unhealthy
            ? $"not ready: {result.Health.Readiness?.Message}"
            : before.LastError;
    }

    private UnconfirmedEnd EndOf(ComponentView before, Component component, Input input)
    {
        var next = component.Runtime;
        var cause = next.LastCause ?? new EndCause.Unknown();
        var how = (input as Input.Exited)?.Cause ?? (input as Input.Recovered)?.Cause;
        var outcome = next.State switch
        {
            ComponentState.Backoff => HistoryOutcome.Backoff,
            ComponentState.Failed => HistoryOutcome.Failed,
            ComponentState.Stopped => HistoryOutcome.Stopped,
            _ => HistoryOutcome.Restarted,
        };
        var entry = new HistoryEntry
        {
            At = _parts.Clock.WallTimeOf(input.Now),
            Component = Id.Name,
            Instance = Math.Max(before.Runtime.Instance, (input as Input.Recovered)?.LastSeen ?? 0),
            Cause = cause.Word,
            Message = cause.Message,
            ExitCode = (how as EndCause.Exit)?.Code,
            Signal = (how as EndCause.Signal)?.Name,
            // One that ended before its launch was reported did run, for no time worth a number. Of one that was found
            // without a record nobody knows.
            UptimeSeconds = before.Runtime.StartedAt is { } start ? (input.Now - start).TotalSeconds
                : input is Input.Exited && before.Runtime.Purpose is not StopPurpose.Recover ? 0 : null,
            Outcome = outcome,
            DelaySeconds = outcome is HistoryOutcome.Backoff ? (next.WakeAt - input.Now)?.TotalSeconds : null,
            RestartsInWindow = next.Ledger.CountWithin(component.Spec.Restart.Window, input.Now),
            Probes =
            [
                .. Enum.GetValues<ProbeKind>()
                    .Select(kind => (Kind: kind, State: before.Health.Of(kind)))
                    .Where(probe => probe.State is not null)
                    .Select(probe => new HistoryProbe(
                        probe.Kind, probe.State!.LastOutcome, probe.State.InARow, probe.State.Message)),
            ],
        };
        var extent = _parts.Output.Extent;
        return new UnconfirmedEnd(entry, extent.From, extent.To);
    }

    /// <summary>There are more only while the history cannot keep up, and then the oldest are nearly there.</summary>
    private static ImmutableList<UnconfirmedEnd> Bounded(ImmutableList<UnconfirmedEnd> ends) =>
        ends.Count > HistoryStore.MostUnconfirmed ? ends.RemoveAt(0) : ends;

    private void Tell(UnconfirmedEnd end, bool isRepeat) => _parts.Events.Ended(
        end.Entry,
        _parts.Output,
        new OutputExtent(end.LogFrom, end.LogTo),
        isRepeat,
        () => Post(new RunnerMessage.Kept(end)));
}
