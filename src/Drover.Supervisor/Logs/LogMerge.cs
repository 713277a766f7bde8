using System.Runtime.CompilerServices;

namespace Drover.Supervisor.Logs;

/// <summary>
/// Merges the lines of several components in the order of their times; lines of one time in the order of the sources,
/// and the lines of one component never out of their own order. What was there comes first, one line a source in
/// memory; what is followed waits a moment for earlier lines of others.
/// </summary>
internal sealed class LogMerge(TimeProvider time)
{
    /// <summary>How often followed logs are looked at.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a followed line waits for an earlier one of another component.</summary>
    public static readonly TimeSpan Hold = TimeSpan.FromMilliseconds(300);

    private const int MaxLinesPerTick = 1024;

    /// <summary>Ends with the last line unless the selection follows; then with the token.</summary>
    public async IAsyncEnumerable<ComponentLine> ReadAsync(
        IReadOnlyList<ILogSource> sources,
        LogSelection selection,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var readings = new List<ILogReading>();
        try
        {
            readings.AddRange(sources.Select(source => source.Open(selection)));
            await foreach (var line in ReadWhatWasThereAsync(readings, cancellationToken))
            {
                yield return line;
            }

            if (!selection.Follow)
            {
                yield break;
            }

            await foreach (var line in FollowAsync(readings, cancellationToken))
            {
                yield return line;
            }
        }
        finally
        {
            foreach (var reading in readings)
            {
                await reading.DisposeAsync();
            }
        }
    }

    private static async IAsyncEnumerable<ComponentLine> ReadWhatWasThereAsync(
        List<ILogReading> readings, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var heads = new PriorityQueue<(ComponentLine Line, int Source), (DateTimeOffset At, int Source)>();
        for (var source = 0; source < readings.Count; source++)
        {
            await AdvanceAsync(source);
        }

        while (heads.TryDequeue(out var head, out _))
        {
            yield return head.Line;
            await AdvanceAsync(head.Source);
        }

        async ValueTask AdvanceAsync(int source)
        {
            if (await readings[source].TryReadAsync(cancellationToken) is { } line)
            {
                heads.Enqueue((line, source), (line.At, source));
            }
        }
    }

    private async IAsyncEnumerable<ComponentLine> FollowAsync(
        List<ILogReading> readings, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var window = new MergeWindow(readings.Count > 1 ? Hold : TimeSpan.Zero, time);
        while (true)
        {
            var isMore = false;
            foreach (var reading in readings)
            {
                var taken = 0;
                while (taken < MaxLinesPerTick && await reading.TryReadAsync(cancellationToken) is { } line)
                {
                    window.Add(line);
                    taken++;
                    while (window.TryTakeOverflow(out var early))
                    {
                        yield return early;
                    }
                }

                isMore |= taken == MaxLinesPerTick;
            }

            while (window.TryTakeDue(out var due))
            {
                yield return due;
            }

            if (!isMore)
            {
                await Task.Delay(Tick, time, cancellationToken);
            }
        }
    }
}
