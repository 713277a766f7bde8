using Drover.Core.Components;
using Drover.Core.Health;
using Drover.Runtime.Faults;
using Drover.Supervisor.State;
using Microsoft.Extensions.Logging;

namespace Drover.Supervisor.Components;

/// <summary>Carries out what was decided and written down.</summary>
internal sealed partial class ComponentRunner
{
    private void Act(IReadOnlyList<StepEffect> effects, Queue<ComponentEvent> events)
    {
        foreach (var (ofComponent, ofHealth) in effects)
        {
            if (ofComponent is not null)
            {
                Act(ofComponent, events);
            }
            else if (ofHealth is not null)
            {
                Act(ofHealth);
            }
        }
    }

    private void Act(Effect effect, Queue<ComponentEvent> events)
    {
        switch (effect)
        {
            case Effect.Launch launch:
                BeginInstanceLife();
                FaultPoint.Reach(FaultPoints.LaunchRecorded);
                _driver.Launch(launch.Instance);
                break;
            case Effect.CancelLaunch cancel:
                _driver.CancelLaunch(cancel.Instance);
                break;
            case Effect.Signal signal:
                FaultPoint.Reach(FaultPoints.StopRecorded);
                _driver.Signal(signal.Instance, signal.Name);
                break;
            case Effect.Kill kill:
                _driver.Kill(kill.Instance);
                break;
            case Effect.Wake wake:
                _wake.Set(wake.At, wake.Epoch);
                break;
            case Effect.Emit:
                _parts.Events.Emit(events.Dequeue());
                break;
            default:
                throw new InvalidOperationException($"cannot carry out {effect}");
        }
    }

    private void Act(HealthEffect effect)
    {
        switch (effect)
        {
            case HealthEffect.ProbeAt probe:
                _probeTimers[(int)probe.Kind].Set(ProbeBeat.Of(probe.At, _parts.Clock.Now), probe.Epoch);
                break;
            case HealthEffect.RunProbe probe:
                var startedAt = View.Runtime.StartedAt ?? _parts.Clock.Now;
                _ = ProbeAsync(
                    probe, _prober, View.Instance, _parts.Clock.WallTimeOf(startedAt), _instanceLife.Token);
                break;
            default:
                throw new InvalidOperationException($"cannot carry out {effect}");
        }
    }

    /// <summary>Whatever a probe of the instance before is still doing, it is not wanted any more.</summary>
    private void BeginInstanceLife()
    {
        _instanceLife.Cancel();
        _instanceLife.Dispose();
        _instanceLife = new CancellationTokenSource();
    }

    private async Task ProbeAsync(
        HealthEffect.RunProbe probe,
        IComponentProber prober,
        InstanceRecord? record,
        DateTimeOffset startedAt,
        CancellationToken cancellationToken)
    {
        ProbeRun run;
        try
        {
            // On a thread of its own, unless it waits for nothing: not even the first line is run by the reader then.
            run = await (prober.IsImmediate(probe.Kind)
                ? RunAsync()
                : _parts.Scheduler.Start(RunAsync, cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }
        catch (Exception error)
        {
            LogProbeDefect(_parts.Logger, Id.Name, probe.Kind, error);
            run = new ProbeRun(ProbeOutcome.Error, $"the probe itself failed: {error.Message}", default);
        }

        Post(new RunnerMessage.Probed(
            new HealthInput.ProbeEnded(default, probe.Kind, probe.Epoch, run.Outcome, run.Message), run.Latency));

        Task<ProbeRun> RunAsync() => prober.RunAsync(
            probe.Kind, probe.Instance, record, startedAt, probe.Timeout, cancellationToken);
    }

    [LoggerMessage(4002, LogLevel.Error, "the {Kind} probe of component \"{Component}\" failed itself")]
    private static partial void LogProbeDefect(ILogger logger, string component, ProbeKind kind, Exception exception);
}
