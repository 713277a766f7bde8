using Drover.Core.Health;
using Drover.Runtime.Probing;
using Drover.Supervisor.State;

namespace Drover.Supervisor.Components;

/// <summary>The probes that the user's file gives a component.</summary>
internal sealed class ComponentProber : IComponentProber
{
    private readonly Dictionary<ProbeKind, IProbe> _probes = [];
    private readonly TimeProvider _time;

    internal ComponentProber(Func<ProbeKind, ProbeTarget?> targetOf, ProbeFactory factory, TimeProvider time)
    {
        _time = time;
        foreach (var kind in Enum.GetValues<ProbeKind>())
        {
            if (targetOf(kind) is { } target)
            {
                _probes.Add(kind, factory.Create(target));
            }
        }
    }

    public string? TargetOf(ProbeKind kind) => _probes.GetValueOrDefault(kind)?.Description;

    public bool IsImmediate(ProbeKind kind) => _probes.TryGetValue(kind, out var probe) && probe.IsImmediate;

    public async Task<ProbeRun> RunAsync(
        ProbeKind kind,
        long instance,
        InstanceRecord? record,
        DateTimeOffset startedAt,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        if (!_probes.TryGetValue(kind, out var probe))
        {
            return new ProbeRun(ProbeOutcome.Error, "there is no such probe any more", default);
        }

        var subject = new ProbeSubject(instance, record?.Process, record?.ContainerId, startedAt);
        var (report, latency) = await ProbeExecution.RunAsync(probe, subject, timeout, _time, cancellationToken);
        return new ProbeRun(report.Outcome, report.Message, latency);
    }
}
