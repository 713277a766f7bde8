using System.Globalization;
using Drover.Core.Events;
using Drover.Core.Health;

namespace Drover.Core.Components;

/// <summary>What follows the end of an instance: rest, another instance now or later, or failure.</summary>
internal sealed partial class ComponentDraft
{
    internal void EndInstance(EndCause cause, bool wasLaunched)
    {
        var isStopping = _runtime.State is ComponentState.Stopping;

        // One that ended before its launch was reported has run for no time, which may be enough.
        var isGoodRun = isStopping
            ? _runtime.WasGoodRun
            : IsGoodRun || (wasLaunched && _spec.Restart.MinUptime == TimeSpan.Zero);
        var uptime = _runtime.StartedAt is { } start ? Seconds(_now - start)
            : _runtime.Purpose is StopPurpose.Recover && isStopping ? "unknown" : Seconds(TimeSpan.Zero);

        // While stopping, the cause is why it was ended, and not how.
        var reason = isStopping ? _runtime.LastCause ?? cause : cause;
        ClearTimer();
        _runtime = _runtime with { Phase = InstancePhase.None, LastCause = reason, WasGoodRun = false };
        TellHealth(new HealthInput.InstanceEnded(_now));

        if (isStopping && _runtime.Purpose is not StopPurpose.Recover)
        {
            ActOnOrder(_runtime.Purpose);
            return;
        }

        if (wasLaunched)
        {
            Emit(
                EventTypes.ComponentExited,
                ("instance", InstanceText),
                ("cause", reason.Word),
                ("message", reason.Message),
                ("uptime", uptime));
        }
        else
        {
            Emit(
                EventTypes.ComponentStartFailed,
                ("instance", InstanceText),
                ("cause", reason.Word),
                ("message", reason.Message));
        }

        DecideRestart(reason, isGoodRun);
    }

    /// <summary>
    /// An instance lived that no record names, because the disk refused it, and was ended just now. It shall run again,
    /// whatever rested by the record.
    /// </summary>
    internal void EndUnrecorded(long instance)
    {
        _runtime = _runtime with
        {
            Instance = instance,
            State = ComponentState.Starting,
            StartedAt = null,
            IsRetry = false,
        };
        EndInstance(new EndCause.Unknown(), wasLaunched: true);
    }

    internal void Rest(EndCause cause)
    {
        ClearTimer();
        _runtime = _runtime with { State = ComponentState.Stopped, IsRetry = false, LastCause = cause };
        Emit(EventTypes.ComponentStopped, ("cause", cause.Word), ("message", cause.Message));
    }

    private void ActOnOrder(StopPurpose purpose)
    {
        if (purpose is StopPurpose.Relaunch)
        {
            LaunchByOrder();
        }
        else
        {
            Rest(new EndCause.Operator());
        }
    }

    private void DecideRestart(EndCause cause, bool isGoodRun)
    {
        var policy = _spec.Restart;
        var within = _runtime.Ledger.CountWithin(policy.Window, _now);
        if (!policy.RestartsAfter(cause))
        {
            Rest(cause);
        }
        else if (_runtime.IsRetry && !isGoodRun)
        {
            Fail(cause);
        }
        else if (within >= policy.Limit)
        {
            Emit(
                EventTypes.RestartExhausted,
                ("cause", cause.Word),
                ("message", cause.Message),
                ("restarts_in_window", within.ToString(CultureInfo.InvariantCulture)),
                ("window", Seconds(policy.Window)));
            Fail(cause);
        }
        else
        {
            ScheduleRestart(cause, isGoodRun, within);
        }
    }

    private void ScheduleRestart(EndCause cause, bool isGoodRun, int within)
    {
        var badRuns = isGoodRun ? 0 : Math.Min(_runtime.BadRuns, int.MaxValue - 1) + 1;
        var delay = isGoodRun ? TimeSpan.Zero : _spec.Restart.Backoff.Delay(badRuns, input.Chance);
        _runtime = _runtime with { BadRuns = badRuns, IsRetry = false };
        Emit(
            EventTypes.RestartScheduled,
            ("cause", cause.Word),
            ("message", cause.Message),
            ("delay", Seconds(delay)),
            ("attempt", badRuns.ToString(CultureInfo.InvariantCulture)),
            ("restarts_in_window", within.ToString(CultureInfo.InvariantCulture)));
        if (isGoodRun)
        {
            LaunchAgain(isRetry: false);
            return;
        }

        _runtime = _runtime with { State = ComponentState.Backoff };
        SetTimer(_now + delay);
    }

    private void Fail(EndCause cause)
    {
        var isTriedAgain = _spec.Restart.RetryAfter > TimeSpan.Zero;
        var (room, retryAt) = (RoomAt, _now + _spec.Restart.RetryAfter);
        retryAt = room > retryAt ? room : retryAt;
        _runtime = _runtime with { State = ComponentState.Failed, IsRetry = false };
        Emit(
            EventTypes.ComponentFailed,
            ("cause", cause.Word),
            ("message", cause.Message),
            ("retry_in", isTriedAgain ? Seconds(retryAt - _now) : "never"));
        if (isTriedAgain)
        {
            SetTimer(retryAt);
        }
    }

    private static string Seconds(TimeSpan span) =>
        string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.###}");
}
