using Drover.HostAgent.Commands;
using Drover.Runtime.Docker.Logs;
using Drover.Wire.Commands;

namespace Drover.HostAgent.Logs;

/// <summary>
/// Reads a log in pages that neither lose nor repeat a line, whatever the lines' times. Both streams are always read
/// and the choice of streams is made here, before the limit: the engine applies its own tail before the choice.
/// Memory is bounded by the page.
/// </summary>
internal sealed class LogPageReader(IContainerEngine engine)
{
    /// <summary>
    /// Lines read before a page, unseen by anybody, so that a private key that began there is known to be one.
    /// </summary>
    public const int WarmUpLines = 64;

    /// <summary>The same before a cursor. Programs write a key at once.</summary>
    private const int WarmUpSeconds = 1;

    private const int TailGrowth = 8;
    private const int LongestTail = 1_000_000;

    /// <summary>Reads one page.</summary>
    /// <param name="request">Which lines.</param>
    /// <param name="redactor">Passed on to whoever reads on after the page.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<LogPage> ReadAsync(
        LogPageRequest request, LineRedactor redactor, CancellationToken cancellationToken) =>
        request.Cursor is null && request.Since is null
            ? ReadNewestAsync(request, redactor, cancellationToken)
            : ReadOnwardsAsync(request, redactor, cancellationToken);

    private async Task<LogPage> ReadOnwardsAsync(
        LogPageRequest request, LineRedactor redactor, CancellationToken cancellationToken)
    {
        var start = request.Cursor ?? new LogCursor(request.Since!.Value, 0);
        var tracker = new LogTracker(start);
        var query = new LogQuery { Since = start.At with { Seconds = start.At.Seconds - WarmUpSeconds } };
        var lines = new List<LogLineDto>();
        var characters = 0;
        var log = engine.LogsAsync(request.ContainerId, query, cancellationToken);
        await foreach (var line in LineReorder.ByTimeAsync(log, cancellationToken))
        {
            var redacted = redactor.Redact(line);
            var before = tracker.Cursor;
            if (!tracker.Advance(line.Timestamp ?? default) || !request.Wants(redacted.Stream))
            {
                continue;
            }

            if (lines.Count == request.Bounds.Limit
                || (lines.Count > 0 && characters + redacted.Message.Length > request.Bounds.MaxCharacters))
            {
                return new LogPage(lines, before, Truncated: true);
            }

            lines.Add(redacted);
            characters += redacted.Message.Length;
        }

        return new LogPage(lines, tracker.Cursor, Truncated: false);
    }

    private async Task<LogPage> ReadNewestAsync(
        LogPageRequest request, LineRedactor redactor, CancellationToken cancellationToken)
    {
        var tail = request.Bounds.Limit + 1 + WarmUpLines;
        while (true)
        {
            var window = await ReadTailAsync(request, tail, cancellationToken);
            var isWholeLog = window.Read < tail;
            if (window.Wanted > request.Bounds.Limit || isWholeLog || tail >= LongestTail)
            {
                return await PageOfAsync(request, window, isWholeLog, redactor, cancellationToken);
            }

            // The lines of the other stream filled the tail.
            tail = Math.Min(tail * TailGrowth, LongestTail);
        }
    }

    private async Task<TailWindow> ReadTailAsync(LogPageRequest request, int tail, CancellationToken cancellationToken)
    {
        var window = new TailWindow(request);
        var query = new LogQuery { Tail = tail };
        var log = engine.LogsAsync(request.ContainerId, query, cancellationToken);
        await foreach (var line in LineReorder.ByTimeAsync(log, cancellationToken))
        {
            window.Add(line);
        }

        return window;
    }

    private async Task<LogPage> PageOfAsync(
        LogPageRequest request,
        TailWindow window,
        bool isWholeLog,
        LineRedactor redactor,
        CancellationToken cancellationToken)
    {
        var lines = new List<LogLineDto>();
        foreach (var line in window.Lines)
        {
            lines.Add(redactor.Redact(line));
        }

        var kept = 0;
        var characters = 0;
        for (var index = lines.Count - 1; index >= 0 && kept < request.Bounds.Limit; index--, kept++)
        {
            characters += lines[index].Message.Length;
            if (kept > 0 && characters > request.Bounds.MaxCharacters)
            {
                break;
            }
        }

        var cursor = window.Cursor;
        if (!isWholeLog && cursor is { } last && window.FirstRead == last.At)
        {
            // All lines read have one time, and more of that time may stand before them: they count for the cursor.
            cursor = last with { Given = await CountAsync(request.ContainerId, last, cancellationToken) };
        }

        // At the longest tail it is not known whether older lines of the wanted stream exist; more lines do.
        return new LogPage(
            lines[(lines.Count - kept)..],
            cursor,
            window.Wanted > kept || (!isWholeLog && kept < request.Bounds.Limit));
    }

    private async Task<int> CountAsync(string containerId, LogCursor last, CancellationToken cancellationToken)
    {
        var count = 0;
        var query = new LogQuery { Since = last.At, Until = last.At };
        await foreach (var line in engine.LogsAsync(containerId, query, cancellationToken))
        {
            count += line.Timestamp == last.At ? 1 : 0;
        }

        return Math.Max(count, last.Given);
    }
}
