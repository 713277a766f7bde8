using System.Globalization;
using Drover.Core.Events;
using Drover.Core.Health;

namespace Drover.Core.Components;

/// <summary>
/// One decision of <see cref="ComponentMachine"/> in the making; nothing of it outlives the decision.
/// </summary>
internal sealed partial class ComponentDraft(Component component, Input input)
{
    /// <summary>An instance that survives a kill (a process stuck in the kernel) is killed again this often.</summary>
    private static readonly TimeSpan KillAgainAfter = TimeSpan.FromSeconds(10);

    private readonly List<Effect> _effects = [];
    private readonly TimeSpan _now = input.Now;
    private ComponentSpec _spec = component.Spec;
    private ComponentRuntime _runtime = component.Runtime;

    internal bool IsWatched => _spec.Ownership is Ownership.Watched;

    /// <summary>When the limit leaves room for one more restart.</summary>
    private TimeSpan RoomAt => _runtime.Ledger.RoomAt(_spec.Restart.Limit, _spec.Restart.Window);

    private bool IsGoodRun => _runtime.StartedAt is { } start && _now - start >= _spec.Restart.MinUptime;

    internal Transition Finish() => new(component with { Spec = _spec, Runtime = _runtime }, _effects);

    internal void Reconfigure(Input.Reconfigured reconfigured)
    {
        var before = _spec.Health;
        _spec = reconfigured.Spec;
        var others = Enum.GetValues<ProbeKind>()
            .Where(kind => reconfigured.OtherTargets.Contains(kind) || before.Of(kind) != _spec.Health.Of(kind))
            .ToList();
        if (others.Count > 0
            && _runtime is { Phase: InstancePhase.Alive, StartedAt: { } startedAt }
            && _runtime.State is not ComponentState.Stopping)
        {
            TellHealth(new HealthInput.ProbesChanged(_now, startedAt, others));
        }
    }

    /// <summary>An operator's word begins a new account: neither delays nor limits of the past count.</summary>
    internal void LaunchByOrder()
    {
        _runtime = _runtime with { BadRuns = 0, IsRetry = false, Ledger = RestartLedger.Empty };
        Launch();
    }

    internal void LaunchAgain(bool isRetry)
    {
        _runtime = _runtime with
        {
            IsRetry = isRetry,
            Ledger = _runtime.Ledger.Add(_now, _spec.Restart.Window),
            Restarts = _runtime.Restarts + 1,
            LastRestartAt = _now,
            LastRestartCause = _runtime.LastCause,
        };
        Launch();
    }

    /// <summary>
    /// The one try after <c>failed</c>. It counts as any restart does, so it is never made while the limit leaves no
    /// room for one: a file that was changed since it was put off may leave less than there was.
    /// </summary>
    internal void TryAfterFailed()
    {
        var room = RoomAt;
        if (room > _now)
        {
            SetTimer(room);
            return;
        }

        LaunchAgain(isRetry: true);
    }

    internal void MarkAlive()
    {
        _runtime = _runtime with { Phase = InstancePhase.Alive, StartedAt = _now };
        Emit(EventTypes.ComponentStarted, ("instance", InstanceText));
        if (_runtime.State is ComponentState.Stopping)
        {
            AskToEnd(_spec.Stop.Grace);
        }
        else
        {
            TellHealth(new HealthInput.InstanceStarted(_now, _runtime.Instance));
        }
    }

    internal void MarkReady()
    {
        if (_runtime.State is not ComponentState.Running)
        {
            _runtime = _runtime with { State = ComponentState.Running };
            Emit(EventTypes.ComponentReady, ("instance", InstanceText));
        }
    }

    internal void MarkUnready(string message)
    {
        if (_runtime.State is ComponentState.Running or ComponentState.Starting)
        {
            _runtime = _runtime with { State = ComponentState.Unhealthy };
            Emit(EventTypes.ComponentUnhealthy, ("instance", InstanceText), ("message", message));
        }
    }

    internal void BeginOrderedStop(StopPurpose purpose)
    {
        _runtime = _runtime with { LastCause = new EndCause.Operator() };
        if (IsWatched)
        {
            TellHealth(new HealthInput.InstanceEnded(_now));
            _runtime = _runtime with { Phase = InstancePhase.None };
            ActOnOrder(purpose);
            return;
        }

        BeginStop(purpose, _spec.Stop.Grace);
    }

    /// <summary>What a probe or an exit began, an operator may decide to end otherwise; why it began stays.</summary>
    internal void ChangePurpose(StopPurpose purpose) => _runtime = _runtime with
    {
        Purpose = purpose,
        LastCause = _runtime.Purpose is StopPurpose.Recover ? _runtime.LastCause : new EndCause.Operator(),
    };

    internal void EndForProbe(Input.ProbeFailed failed)
    {
        if (IsWatched)
        {
            MarkUnready(failed.Message);
            return;
        }

        _runtime =
            _runtime with { LastCause = new EndCause.Probe(failed.Kind, failed.Message), WasGoodRun = IsGoodRun };
        BeginStop(StopPurpose.Recover, failed.StopGrace ?? _spec.Stop.Grace);
    }

    /// <summary>Its own process is gone. What that left behind is being ended; nothing is launched before.</summary>
    internal void BeginClearing(EndCause cause)
    {
        var isGoodRun = IsGoodRun;
        _runtime = _runtime with
        {
            State = ComponentState.Stopping,
            Purpose = StopPurpose.Recover,
            LastCause = cause,
            WasGoodRun = isGoodRun,
            Kills = 0,
        };
        TellHealth(new HealthInput.InstanceEnded(_now));
        SetTimer(_now + KillAgainAfter);
    }

    /// <summary>
    /// What its own process left behind could not be ended yet, and that process ended while nobody looked. An order
    /// that was being carried out stands.
    /// </summary>
    internal void GoOnClearing(Input.Recovered recovered)
    {
        if (recovered.LastSeen > _runtime.Instance)
        {
            _runtime = _runtime with
            {
                Instance = recovered.LastSeen,
                State = ComponentState.Starting,
                StartedAt = null,
                IsRetry = false,
            };
        }

        _runtime = _runtime with { Phase = InstancePhase.Alive };
        if (_runtime.State is ComponentState.Stopping)
        {
            SetTimer(_now + KillAgainAfter);
        }
        else
        {
            BeginClearing(recovered.Cause ?? new EndCause.Unknown());
        }
    }

    internal void KillInstance()
    {
        if (_runtime.Kills == 1)
        {
            Emit(EventTypes.ComponentStuck, ("instance", InstanceText));
        }

        _runtime = _runtime with { Kills = _runtime.Kills + 1 };
        _effects.Add(new Effect.Kill(_runtime.Instance));
        SetTimer(_now + KillAgainAfter);
    }

    internal void AdoptInstance(TimeSpan? startedAt)
    {
        _runtime = _runtime with
        {
            Phase = InstancePhase.Alive,
            StartedAt = _runtime.StartedAt ?? startedAt ?? _now,
        };
        Emit(EventTypes.ComponentAdopted, ("instance", InstanceText));
        if (_runtime.State is ComponentState.Stopping)
        {
            AskToEnd(_spec.Stop.Grace);
        }
        else
        {
            TellHealth(new HealthInput.InstanceAdopted(
                _now, _runtime.Instance, _runtime.StartedAt.GetValueOrDefault(), input.Chance));
        }
    }

    internal void RearmTimer()
    {
        if (_runtime.WakeAt is { } at)
        {
            SetTimer(at);
        }
    }

    private void Launch()
    {
        ClearTimer();
        _runtime = _runtime with
        {
            State = ComponentState.Starting,
            Phase = InstancePhase.Launching,
            Instance = _runtime.Instance + 1,
            StartedAt = null,
        };
        if (IsWatched)
        {
            MarkAlive();
        }
        else
        {
            _effects.Add(new Effect.Launch(_runtime.Instance));
        }
    }

    private void BeginStop(StopPurpose purpose, TimeSpan grace)
    {
        ClearTimer();
        _runtime = _runtime with { State = ComponentState.Stopping, Purpose = purpose, Kills = 0 };
        if (_runtime.Phase is InstancePhase.Alive)
        {
            TellHealth(new HealthInput.ShutdownBegan(_now));
            AskToEnd(grace);
        }
        else
        {
            _effects.Add(new Effect.CancelLaunch(_runtime.Instance));
        }
    }

    private void AskToEnd(TimeSpan grace)
    {
        _effects.Add(new Effect.Signal(_runtime.Instance, _spec.Stop.Signal));
        SetTimer(_now + grace);
    }

    private void SetTimer(TimeSpan at)
    {
        _runtime = _runtime with { Epoch = _runtime.Epoch + 1, WakeAt = at };
        _effects.Add(new Effect.Wake(at, _runtime.Epoch));
    }

    private void ClearTimer() => _runtime = _runtime with { Epoch = _runtime.Epoch + 1, WakeAt = null };

    private void TellHealth(HealthInput healthInput) => _effects.Add(new Effect.TellHealth(healthInput));

    private string InstanceText => _runtime.Instance.ToString(CultureInfo.InvariantCulture);

    private void Emit(EventType type, params ReadOnlySpan<(string Name, string Value)> fields)
    {
        var list = new List<EventField>(fields.Length);
        foreach (var (name, value) in fields)
        {
            list.Add(new EventField(name, value));
        }

        _effects.Add(new Effect.Emit(type, list));
    }
}
