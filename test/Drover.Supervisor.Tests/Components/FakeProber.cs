using System.Collections.Concurrent;
using Drover.Core.Health;
using Drover.Supervisor.Components;
using Drover.Supervisor.State;

namespace Drover.Supervisor.Tests.Components;

/// <summary>Probes whose answers a test gives.</summary>
internal sealed class FakeProber : IComponentProber
{
    private readonly ConcurrentDictionary<ProbeKind, Func<CancellationToken, Task<ProbeOutcome>>> _answers = new();
    private readonly ConcurrentQueue<(ProbeKind Kind, long Instance)> _runs = new();

    internal IReadOnlyList<(ProbeKind Kind, long Instance)> Runs => [.. _runs];

    internal void Answers(ProbeKind kind, ProbeOutcome outcome) => _answers[kind] = _ => Task.FromResult(outcome);

    /// <summary>Does not come back before it is told to.</summary>
    internal void Hangs(ProbeKind kind) => _answers[kind] = async cancelled =>
    {
        await Task.Delay(Timeout.Infinite, cancelled);
        return ProbeOutcome.Error;
    };

    /// <summary>Keeps the thread it is called on.</summary>
    internal void Blocks(ProbeKind kind, ManualResetEventSlim until) => _answers[kind] = cancelled =>
    {
        until.Wait(cancelled);
        return Task.FromResult(ProbeOutcome.Success);
    };

    internal void Throws(ProbeKind kind) => _answers[kind] =
        _ => throw new InvalidOperationException("a defect of the probe");

    public string? TargetOf(ProbeKind kind) => $"fake {kind}";

    public async Task<ProbeRun> RunAsync(
        ProbeKind kind,
        long instance,
        InstanceRecord? record,
        DateTimeOffset startedAt,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        _runs.Enqueue((kind, instance));
        var outcome = _answers.TryGetValue(kind, out var answer)
            ? await answer(cancellationToken)
            : ProbeOutcome.Success;
        return new ProbeRun(outcome, $"{kind} says {outcome}", TimeSpan.FromMilliseconds(2));
    }
}
