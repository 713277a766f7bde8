using Drover.Core.Health;
using Drover.Supervisor.Components;
using Drover.Supervisor.Documents;
using Drover.Supervisor.State;

namespace Drover.Simulation.Machines;

/// <summary>
/// The probes of one component as one reading of the user's file has them. They answer by what is true of the process,
/// well or badly, soon, late or never; and they require that they are run when they should be, and only then.
/// </summary>
internal sealed class LifeProber : IComponentProber
{
    /// <summary>Timers count whole milliseconds.</summary>
    private static readonly TimeSpan Slack = ProbeBeat.Step + TimeSpan.FromMilliseconds(2);

    /// <summary>Probes of many components share the moments at which they begin.</summary>
    private static readonly TimeSpan Beat = Slack + ProbeBeat.Step;

    private readonly World _world;
    private readonly SimulatedMachine _machine;
    private readonly SupervisorLife _life;
    private readonly ComponentDocument _document;
    private readonly Dictionary<ProbeKind, Run> _runs = [];

    internal LifeProber(
        World world, SimulatedMachine machine, SupervisorLife life, ComponentDocument document)
    {
        (_world, _machine, _life, _document) = (world, machine, life, document);
        life.Probers[document.Name] = this;
        if (document.Spec.Health.Startup is null
            && machine.Kernel.Leaders.FindLast(one => one.Component == document.Name) is { } leader)
        {
            leader.HasStartupProbe = false;
        }
    }

    public string? TargetOf(ProbeKind kind) => kind.ToString();

    public bool IsImmediate(ProbeKind kind) => false;

    public async Task<ProbeRun> RunAsync(
        ProbeKind kind,
        long instance,
        InstanceRecord? record,
        DateTimeOffset startedAt,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        var spec = _document.Spec.Health.Of(kind);
        if (spec is null)
        {
            return new ProbeRun(ProbeOutcome.Error, "there is no such probe any more", default);
        }

        CheckTime(kind, instance, spec);
        var process = _document.Launch is ProcessLaunch ? Subject(kind, instance, record, startedAt) : null;
        var run = new Run(instance, _world.Now);
        _runs[kind] = run;
        var (outcome, takes) = Answer(kind, process, timeout);
        if (_life.Sabotage is Sabotage.ProbesHangPastTheirTimeout && _world.Happens(0.01))
        {
            takes = TimeSpan.FromHours(3);
        }

        await AfterAsync(takes, cancellationToken);
        run.EndedAt = _world.Now;
        if (kind is ProbeKind.Startup && outcome is ProbeOutcome.Success)
        {
            process!.HasFinishedStarting = true;
        }

        return new ProbeRun(outcome, $"{kind} of #{instance}: {outcome}", takes);
    }

    /// <summary>No probe that should be run by now has been left out.</summary>
    internal void CheckNoneIsLate(ComponentView view)
    {
        foreach (var (kind, run) in _runs)
        {
            if (view.Component.Spec.Health.Of(kind) is not { } spec
                || view.Health is not { Phase: HealthPhase.Running } health
                || view.Health.Instance != run.Instance
                || health.Of(kind) is not { OnHold: false }
                || health.Started == kind is ProbeKind.Startup)
            {
                continue;
            }

            var limit = run.EndedAt is { } end ? Later(run.StartedAt + spec.Period, end) : run.StartedAt + spec.Timeout;
            _world.Require(
                _world.Now <= limit + Beat,
                $"probes stay on time: {kind} of {_document.Name} ran last at {run.StartedAt}, until {run.EndedAt}");
        }
    }

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private void CheckTime(ProbeKind kind, long instance, ProbeSpec spec)
    {
        if (_runs.TryGetValue(kind, out var before) && before.Instance == instance)
        {
            _world.Require(before.EndedAt is not null, $"a probe never overlaps itself: {kind} of {_document.Name}");
            _world.Require(
                _world.Now > before.StartedAt
                    && _world.Now <= Later(before.StartedAt + spec.Period, before.EndedAt.GetValueOrDefault()) + Beat,
                $"probes stay on time: {kind} of {_document.Name} ran at {before.StartedAt}, ended {before.EndedAt}, "
                + $"period {spec.Period}");
        }
    }

    private SimulatedProcess Subject(ProbeKind kind, long instance, InstanceRecord? record, DateTimeOffset startedAt)
    {
        var leader = _machine.Kernel.Leaders.Last(one => one.Component == _document.Name);
        _world.Require(
            record?.Process?.Pid == leader.Pid && instance == leader.Instance,
            $"a probe asks the present instance: #{instance}, {record?.Process} and not {leader.What}");
        var uptime = _machine.WallTime - startedAt;
        _world.Require(
            (uptime - (_world.Now - leader.LaunchedAt)).Duration() <= Slack,
            $"a probe knows since when its instance runs: {uptime}");
        _world.Require(
            kind is ProbeKind.Readiness
                || leader.SignalledAt is null
                || leader.SignalledAt >= _world.Now
                || _machine.Disk.Refusals > 0,
            $"no liveness probe during shutdown: {kind} of {_document.Name}");
        _world.Require(
            kind is ProbeKind.Startup
                || leader.HasFinishedStarting
                || !leader.HasStartupProbe,
            $"startup gates the others: {kind} of {_document.Name}");
        return leader;
    }

    private (ProbeOutcome Outcome, TimeSpan Takes) Answer(ProbeKind kind, SimulatedProcess? process, TimeSpan timeout)
    {
        if (_world.Happens(0.03))
        {
            return (ProbeOutcome.Error, _world.UpTo(0.1));
        }

        if (process is { IsDead: true } || process?.HangsAt <= _world.Now)
        {
            return (ProbeOutcome.Failure, timeout);
        }

        var isWell = kind is not ProbeKind.Startup || process!.ReadyAt <= _world.Now;
        var takes = _world.UpTo(_world.Pick(0.001, 0.3, timeout.TotalSeconds));
        return isWell && !_world.Happens(process?.Flaps ?? 0.2)
            ? (ProbeOutcome.Success, takes)
            : (ProbeOutcome.Failure, takes);
    }

    /// <summary>Now and then a probe does not hear that it is not wanted any more.</summary>
    private Task AfterAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        var over = new TaskCompletionSource();
        _world.After(delay, () => _life.Do(() => over.TrySetResult()));
        if (_world.Happens(0.7))
        {
            cancellationToken.Register(() => over.TrySetCanceled(cancellationToken));
        }

        return over.Task;
    }

    private sealed class Run(long instance, TimeSpan startedAt)
    {
        internal long Instance => instance;

        internal TimeSpan StartedAt => startedAt;

        internal TimeSpan? EndedAt { get; set; }
    }
}
