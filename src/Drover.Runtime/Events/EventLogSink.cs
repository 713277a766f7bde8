using Drover.Core.Events;
using Microsoft.Extensions.Logging;

namespace Drover.Runtime.Events;

/// <summary>
/// Every event as one line of the log whose fields a machine can read: as fields for whoever collects logs, and in the
/// line itself as <c>key=value</c> with <c>data</c> as JSON at its end.
/// </summary>
/// <param name="logger">Where the lines go.</param>
public sealed partial class EventLogSink(ILogger<EventLogSink> logger) : IEventSink
{
    /// <inheritdoc/>
    public void Take(RoleEvent one)
    {
        ArgumentNullException.ThrowIfNull(one);
        var level = one.Severity switch
        {
            EventSeverity.Info => LogLevel.Information,
            EventSeverity.Warning => LogLevel.Warning,
            EventSeverity.Error => LogLevel.Error,
        };
        if (logger.IsEnabled(level))
        {
            var data = one.Data.GetRawText();
            LogEvent(level, one.Type.Name, one.Subject, one.Id, one.SeverityName, one.Source, data);
        }
    }

    [LoggerMessage(
        EventId = 3600,
        Message = "event={EventType} subject={Subject} id={Id} severity={Severity} source={Source} data={Data}")]
    private partial void LogEvent(
        LogLevel level, string eventType, string? subject, string id, string severity, string source, string data);
}
