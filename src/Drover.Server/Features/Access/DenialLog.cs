using Drover.Core.Audit;
using Drover.Core.Events;
using Drover.Server.Features.Audit;
using Drover.Server.Features.Events;
using Drover.Server.Hosting;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Features.Access;

/// <summary>
/// Records refusals: the log has the reason, which the caller never learns; the events get at most a few a minute, so
/// that nobody can fill the database by knocking; the audit gets refused writes.
/// </summary>
internal sealed partial class DenialLog(
    EventLog events, RefusalAudit audit, TimeProvider time, ILogger<DenialLog> logger)
{
    private const int EventsPerMinute = 10;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly HashSet<(string, string, string)> _told = [];
    private TimeSpan _windowStart;

    /// <summary>Notes that a request was refused.</summary>
    /// <param name="reason">Why, for the log, the event and the audit.</param>
    /// <param name="rule">The route's line in the access table.</param>
    /// <param name="actor">Who asked.</param>
    /// <param name="target">What the caller wanted it done to, as far as that is known.</param>
    public void Note(string reason, AccessRule rule, AuditActor actor, string target)
    {
        if (rule.Audits is { } action)
        {
            audit.Note(action, actor, target, reason);
        }

        var (route, by) = (rule.Route, actor.Name);
        if (!IsWorthAnEvent(reason, route, by))
        {
            return;
        }

        LogDenied(logger, route, by, reason);
        var told = events.AppendAsync(
            new EventDraft(EventTypes.AccessDenied, time.GetUtcNow(), by)
            {
                Data = EventDraft.Fields(("reason", reason), ("route", route), ("by", by)),
            },
            CancellationToken.None);
        told.ContinueWith(
            failed => LogNotStored(logger, failed.Exception!),
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted,
            TaskScheduler.Default);
    }

    private bool IsWorthAnEvent(string reason, string route, string by)
    {
        lock (_gate)
        {
            var now = time.Monotonic();
            if (now - _windowStart >= Window)
            {
                _windowStart = now;
                _told.Clear();
            }

            return _told.Count < EventsPerMinute && _told.Add((reason, route, by));
        }
    }

    [LoggerMessage(1301, LogLevel.Warning, "Refused {Route} to {By}: {Reason}")]
    private static partial void LogDenied(ILogger logger, string route, string by, string reason);

    [LoggerMessage(1302, LogLevel.Error, "The refusal could not be stored as an event")]
    private static partial void LogNotStored(ILogger logger, Exception exception);
}
