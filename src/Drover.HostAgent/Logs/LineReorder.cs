using System.Runtime.CompilerServices;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Logs;

namespace Drover.HostAgent.Logs;

/// <summary>
/// Puts lines in the order of their times. The engine stamps a line before it takes the lock on the file, so a line
/// of one stream may stand a few places behind a later one of the other (moby daemon/logger/copier.go). Lines of the
/// same time keep the file's order.
/// </summary>
internal static class LineReorder
{
    private const int Window = 128;

    /// <summary>The same lines, sorted within a window.</summary>
    public static async IAsyncEnumerable<LogLine> ByTimeAsync(
        IAsyncEnumerable<LogLine> lines, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var window = new PriorityQueue<LogLine, (EngineTimestamp At, long Order)>();
        var order = 0L;
        await foreach (var line in lines.WithCancellation(cancellationToken))
        {
            window.Enqueue(line, (line.Timestamp ?? default, order++));
            if (window.Count > Window)
            {
                yield return window.Dequeue();
            }
        }

        while (window.TryDequeue(out var line, out _))
        {
            yield return line;
        }
    }
}
