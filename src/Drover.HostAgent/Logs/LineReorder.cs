using System.Runtime.CompilerServices;
using Drover.Runtime.Docker.Logs;

namespace Drover.HostAgent.Logs;

/// <summary>
/// Puts lines in the order of their times, without which a cursor made of a time would skip some. The engine stamps a
/// line before it takes the lock on the file (moby daemon/logger/copier.go), so a line of one stream stands behind
/// later ones of the other: by a place or two, or by thousands when its writer lost the processor in between.
/// </summary>
/// <remarks>
/// What remains: a line is out of order, and lost to a reader whose cursor has passed its time, when it stands behind
/// more later ones than <see cref="ReorderWindow"/> holds; when the log ended before it while a page was read; or when
/// it comes more than <see cref="Hold"/> after a later one that a follow has given.
/// </remarks>
internal static class LineReorder
{
    /// <summary>How long a follow keeps a line back for an earlier one to come.</summary>
    public static readonly TimeSpan Hold = TimeSpan.FromMilliseconds(100);

    /// <summary>The lines of a log that ends.</summary>
    public static async IAsyncEnumerable<LogLine> ByTimeAsync(
        IAsyncEnumerable<LogLine> lines, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var window = new ReorderWindow();
        LogLine? line;
        await foreach (var next in lines.WithCancellation(cancellationToken))
        {
            window.Add(next);
            while (window.TryTakeOverflow(out line))
            {
                yield return line;
            }
        }

        while (window.TryTake(out line))
        {
            yield return line;
        }
    }

    /// <summary>
    /// The lines of a log that is followed, each at most <see cref="Hold"/> after it came. Where reading fails, what is
    /// held is given before the failure is.
    /// </summary>
    /// <param name="read">Begins reading; its token ends the reading when nobody wants more lines.</param>
    /// <param name="time">Measures the hold.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async IAsyncEnumerable<LogLine> ByTimeAsync(
        Func<CancellationToken, IAsyncEnumerable<LogLine>> read,
        TimeProvider time,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var window = new ReorderWindow();
        var source = read(ending.Token).GetAsyncEnumerator(ending.Token);
        var next = source.MoveNextAsync().AsTask();
        LogLine? line;
        try
        {
            var due = (Task?)null;
            while (true)
            {
                due ??= window.OldestArrival is { } oldest ? DelayAsync(oldest, time, ending.Token) : null;
                await Task.WhenAny(next, due ?? next);
                cancellationToken.ThrowIfCancellationRequested();
                if (next.IsCompleted)
                {
                    if (!next.IsCompletedSuccessfully || !await next)
                    {
                        break;
                    }

                    window.Add(source.Current, time.GetTimestamp());
                    next = source.MoveNextAsync().AsTask();
                }

                var isDue = due is { IsCompleted: true };
                due = isDue ? null : due;
                var heldSince = time.GetTimestamp() - (long)(Hold.TotalSeconds * time.TimestampFrequency);
                while (window.TryTakeOverflow(out line) || (isDue && window.TryTakeArrivedBy(heldSince, out line)))
                {
                    yield return line;
                }
            }

            while (window.TryTake(out line))
            {
                yield return line;
            }

            await next;
        }
        finally
        {
            await ending.CancelAsync();
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await source.DisposeAsync();
        }
    }

    private static Task DelayAsync(long arrived, TimeProvider time, CancellationToken cancellationToken)
    {
        var rest = Hold - time.GetElapsedTime(arrived);
        return rest > TimeSpan.Zero ? Task.Delay(rest, time, cancellationToken) : Task.CompletedTask;
    }
}
