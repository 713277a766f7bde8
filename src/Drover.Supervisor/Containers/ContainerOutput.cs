using Drover.Core.Redaction;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Logs;
using Drover.Runtime.Probing;
using Drover.Supervisor.Components;
using Drover.Supervisor.Logs;

namespace Drover.Supervisor.Containers;

/// <summary>
/// What the runs of one container have written, as the engine keeps it. An extent is from one nanosecond to another, by
/// the engine's clock and ours, which are of one machine.
/// </summary>
internal sealed class ContainerOutput(Func<DockerClient> docker, MonotonicClock clock) : IComponentOutput
{
    // The next run of the container may have written by the time it is asked.
    private const int LinesLookedAt = 2000;
    private const long NanosPerSecond = 1_000_000_000;

    // An engine that hangs must not hold up the record of an end.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private volatile Present? _present;

    public ILogTap Tap => new ContainerLogTap(docker, RunOf);

    public OutputExtent Extent => _present is { } present
        ? new OutputExtent(
            NanosOf(present.Run.From), NanosOf(EngineTimestamp.From(clock.Time.GetUtcNow())))
        : default;

    /// <summary>From now on this is the instance that writes.</summary>
    internal void Begin(long instance, ContainerRun run) => _present = new Present(instance, run);

    /// <summary>Since 1970.</summary>
    internal static long NanosOf(EngineTimestamp at) => (at.Seconds * NanosPerSecond) + at.Nanos;

    public async ValueTask<IReadOnlyList<string>> LastLinesAsync(OutputExtent extent, int count)
    {
        if (_present is not { } present || extent.To <= extent.From)
        {
            return [];
        }

        using var limit = new CancellationTokenSource(Patience, clock.Time);
        var redactor = new LogRedactor();
        var last = new Queue<string>();
        var query = new LogQuery
        {
            Since = EngineTimestamp.FromUnixNanos(extent.From),
            Until = EngineTimestamp.FromUnixNanos(extent.To),
            Tail = LinesLookedAt,
        };
        try
        {
            await foreach (var line in docker().Containers.LogsAsync(
                present.Run.ContainerId, query, tty: null, limit.Token))
            {
                last.Enqueue(LogRecall.Bound(redactor.Redact(line.Text.TrimEnd('\r')).Text));
                if (last.Count > count)
                {
                    last.Dequeue();
                }
            }
        }
        catch (Exception error) when (error is DockerException or OperationCanceledException)
        {
            // An end is recorded with fewer of its last lines rather than not at all.
        }

        return [.. last];
    }

    private ContainerRun? RunOf(long instance) =>
        _present is { } present && present.Instance == instance ? present.Run : null;

    private sealed record Present(long Instance, ContainerRun Run);
}
