using Drover.Core.Components;
using Drover.Core.Health;

namespace Drover.Simulation.Supervision;

/// <summary>
/// Feeds one component's machines and carries out their effects, badly: reports come late and out of order, timers are
/// never cancelled and sometimes ring twice, and the supervisor itself is killed and starts again from what it stored.
/// </summary>
internal sealed class SupervisorActor
{
    private readonly World _world;
    private readonly ProcessTable _processes;
    private readonly HashSet<ProbeKind> _probesRunning = [];
    private readonly List<TimeSpan> _restarts = [];
    private HealthState _health = HealthState.Initial;
    private int _life;
    private bool _isDown;
    private bool _wantsRest = true;

    internal SupervisorActor(World world, ProcessTable processes, ComponentSpec spec)
    {
        (_world, _processes) = (world, processes);
        Component = new Component(new ComponentId("web"), spec, ComponentRuntime.Initial);
        processes.Ended = (instance, cause) => Later(0.05, () => new Input.Exited(world.Now, instance, cause));
    }

    internal Component Component { get; private set; }

    internal int Launches { get; private set; }

    /// <summary>An operator's order; while the supervisor is down there is nobody to take it.</summary>
    internal void Order(Input order)
    {
        if (_isDown)
        {
            return;
        }

        _wantsRest = order is Input.Stop;
        if (order is not Input.Stop && Component.Runtime.Phase is InstancePhase.None)
        {
            _restarts.Clear();
        }

        Feed(order);
    }

    /// <summary>
    /// kill -9 of the supervisor: what was on its way to it is lost, the stored component and health are not.
    /// </summary>
    internal void CrashAndStartAgain()
    {
        _life++;
        _isDown = true;
        _probesRunning.Clear();
        var life = _life;
        _world.After(_world.UpTo(100), () =>
        {
            if (life == _life)
            {
                _isDown = false;
                var instance = Component.Runtime.Instance;

                // A container keeps how it ended, a process does not.
                var cause = _world.Happens(0.5) ? _processes.HowItEnded(instance) : null;
                Feed(new Input.Recovered(_world.Now, _processes.IsLive(instance)) { Cause = cause });
            }
        });
    }

    private void Later(double upTo, Func<Input> input, TimeSpan? at = null)
    {
        var life = _life;
        _world.At((at ?? _world.Now) + _world.UpTo(upTo), () =>
        {
            if (life == _life && !_isDown)
            {
                Feed(input());
            }
        });
    }

    private void Feed(Input input)
    {
        var before = Component.Runtime;
        var transition = ComponentMachine.Decide(Component, input with { Chance = _world.Chance.NextDouble() });
        Component = transition.Next;
        _world.Note($"{input.GetType().Name} {before.State} -> {Component.Runtime.State}: "
            + string.Join(", ", transition.Effects.Select(effect => effect.GetType().Name)));
        CheckRestart(before, input);
        foreach (var effect in transition.Effects)
        {
            CarryOut(before, input, effect);
        }
    }

    private void CheckRestart(ComponentRuntime before, Input input)
    {
        var next = Component.Runtime;
        if (before.State is ComponentState.Stopping
            && next.State is ComponentState.Starting
            && next.Restarts == before.Restarts)
        {
            _restarts.Clear();
        }

        if (next.Restarts == before.Restarts)
        {
            return;
        }

        // The try after failed is one of them.

        var policy = Component.Spec.Restart;
        _restarts.Add(_world.Now);
        var within = _restarts.Count(time => _world.Now - time < policy.Window);
        _world.Require(within <= policy.Limit, $"restarts in any window stay within the limit: {within} after {input}");
    }

    private void CarryOut(ComponentRuntime before, Input input, Effect effect)
    {
        switch (effect)
        {
            case Effect.Launch launch:
                _world.Require(!_wantsRest, "after a stop nothing is launched");
                _world.Require(
                    input is not Input.Woke || _world.Now >= before.WakeAt, "no stale timer wakes a component early");
                Launch(launch.Instance);
                break;
            case Effect.Signal signal:
                _world.Require(signal.Instance == Component.Runtime.Instance, "only the present instance is signalled");
                _processes.Signal(signal.Instance);
                break;
            case Effect.Kill kill:
                _world.Require(kill.Instance == Component.Runtime.Instance, "only the present instance is killed");
                _processes.Kill(kill.Instance);
                break;
            case Effect.Wake wake:
                for (var rings = _world.Happens(0.1) ? 2 : 1; rings > 0; rings--)
                {
                    Later(0.5, () => new Input.Woke(_world.Now, wake.Epoch), wake.At);
                }

                break;
            case Effect.TellHealth tell:
                FeedHealth(tell.Input);
                break;
            case Effect.Emit or Effect.CancelLaunch:
                // A launch is under way here for moments, and what it came to is told anyway.
                break;
            default:
                _world.Require(false, $"every effect can be carried out: {effect}");
                break;
        }
    }

    private void Launch(long instance)
    {
        Launches++;
        if (_world.Happens(0.1))
        {
            Later(0.2, () => new Input.LaunchFailed(_world.Now, instance, new EndCause.FailedStart("no such file")));
            return;
        }

        _processes.Spawn(instance);
        Later(0.2, () => new Input.Launched(_world.Now, instance));
    }

    private void FeedHealth(HealthInput input)
    {
        if (input is HealthInput.InstanceStarted or HealthInput.InstanceEnded or HealthInput.InstanceAdopted)
        {
            _probesRunning.Clear();
        }

        var transition = HealthMachine.Decide(Component.Spec.Health, _health, input);
        _health = transition.Next;
        foreach (var effect in transition.Effects)
        {
            CarryOut(effect);
        }
    }

    private void CarryOut(HealthEffect effect)
    {
        switch (effect)
        {
            case HealthEffect.ProbeAt probe:
                LaterHealth(probe.At, 0.01, () => new HealthInput.ProbeDue(_world.Now, probe.Kind, probe.Epoch));
                break;
            case HealthEffect.RunProbe probe:
                Probe(probe);
                break;
            case HealthEffect.BecameReady ready:
                Later(0.01, () => new Input.BecameReady(_world.Now, ready.Instance));
                break;
            case HealthEffect.BecameUnready unready:
                Later(0.01, () => new Input.BecameUnready(_world.Now, unready.Instance, unready.Message));
                break;
            case HealthEffect.Failed failed:
                Later(
                    0.01,
                    () => new Input.ProbeFailed(
                        _world.Now, failed.Instance, failed.Kind, failed.Message, failed.StopGrace));
                break;
        }
    }

    private void Probe(HealthEffect.RunProbe probe)
    {
        _world.Require(_probesRunning.Add(probe.Kind), $"a probe never overlaps itself: {probe.Kind}");
        _world.Require(
            probe.Kind is ProbeKind.Readiness || _health.Phase is HealthPhase.Running,
            "no liveness probe during shutdown");
        _world.Require(
            _health.Started == probe.Kind is not ProbeKind.Startup,
            "the startup probe alone runs until it succeeds, and then never");
        var hangs = _processes.Hangs(probe.Instance) || !_processes.IsLive(probe.Instance);
        var outcome = _world.Happens(0.05) ? ProbeOutcome.Error : hangs ? ProbeOutcome.Failure : ProbeOutcome.Success;
        LaterHealth(_world.Now + (hangs ? probe.Timeout : TimeSpan.Zero), 0.5, () =>
        {
            _probesRunning.Remove(probe.Kind);
            return new HealthInput.ProbeEnded(_world.Now, probe.Kind, probe.Epoch, outcome, outcome.ToString());
        });
    }

    private void LaterHealth(TimeSpan at, double upTo, Func<HealthInput> input)
    {
        var (life, instance) = (_life, Component.Runtime.Instance);
        _world.At(at + _world.UpTo(upTo), () =>
        {
            if (life == _life && !_isDown && instance == Component.Runtime.Instance)
            {
                FeedHealth(input());
            }
        });
    }
}
