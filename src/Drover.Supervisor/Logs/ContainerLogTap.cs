using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Logs;
using Drover.Runtime.Probing;

namespace Drover.Supervisor.Logs;

/// <summary>What log probes read of a component that is a container, from the engine. A position is the time of the
/// last line in nanoseconds.</summary>
/// <param name="engine">Gives the client of who has the logs.</param>
/// <param name="runOf">Which container an instance is and since when; null for one that is not known.</param>
internal sealed class ContainerLogTap(Func<DockerClient> engine, Func<long, ContainerRun?> runOf) : ILogTap
{
    private const long NanosPerSecond = 1_000_000_000;

    // A read has the time of one probe: what lies further back than this would keep it from ever ending.
    private const int MostLines = 20_000;

    /// <inheritdoc/>
    public async ValueTask<LogTapLines> ReadAsync(
        long instance, long? position, int mostBytes, CancellationToken cancellationToken)
    {
        if (runOf(instance) is not { } run)
        {
            return new LogTapLines([], position ?? 0, 0);
        }

        var last = Math.Max(position ?? 0, NanosOf(run.From) - 1);
        var query = new LogQuery { Since = EngineTimestamp.FromUnixNanos(last), Tail = MostLines };
        var lines = new Queue<string>();
        var (held, skipped, newest) = (0L, 0L, last);
        await foreach (var line in engine().Containers.LogsAsync(
            run.ContainerId, query, tty: null, cancellationToken))
        {
            var at = line.Timestamp is { } timestamp ? NanosOf(timestamp) : last;
            if (at <= last)
            {
                continue;
            }

            newest = Math.Max(newest, at);
            lines.Enqueue(line.Text.TrimEnd('\r'));
            held += line.Text.Length;
            while (held > mostBytes && lines.TryDequeue(out var oldest))
            {
                (held, skipped) = (held - oldest.Length, skipped + oldest.Length);
            }
        }

        return new LogTapLines([.. lines], newest, skipped);
    }

    private static long NanosOf(EngineTimestamp at) => (at.Seconds * NanosPerSecond) + at.Nanos;
}

/// <summary>One run of a container.</summary>
/// <param name="ContainerId">Which.</param>
/// <param name="From">Older lines are of earlier runs.</param>
internal sealed record ContainerRun(string ContainerId, EngineTimestamp From);
