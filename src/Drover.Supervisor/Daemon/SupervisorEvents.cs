using System.Globalization;
using System.Text.Json;
using Drover.Core.Components;
using Drover.Core.Events;
using Drover.Core.Redaction;
using Drover.Runtime.Uplink;
using Drover.Supervisor.Components;
using Drover.Supervisor.Logs;
using Drover.Wire.Agents;

namespace Drover.Supervisor.Daemon;

/// <summary>Makes what a supervisor tells its server: bounded, secrets taken out. Pure.</summary>
internal static class SupervisorEvents
{
    private const int LongestValue = 1000;
    private static readonly string[] Numbers = ["instance", "attempt", "restarts_in_window", "bytes"];

    internal static AgentEventDto Of(ComponentEvent happened) => ReportedEvents.Make(
        happened.Type,
        happened.At,
        happened.Component.Name,
        writer =>
        {
            foreach (var field in happened.Fields)
            {
                Write(writer, field);
            }
        });

    internal static AgentEventDto Of(LogNotice notice, DateTimeOffset now)
    {
        var (type, component, bytes) = notice switch
        {
            LogNotice.DiskFull => (EventTypes.AlertDiskFull, null, null),
            LogNotice.DiskFree => (EventTypes.AlertDiskFree, null, null),
            LogNotice.CannotRotate => (EventTypes.AlertLogUnbounded, null, null),
            LogNotice.TooLarge large => (EventTypes.AlertLogUnbounded, large.Component, (long?)large.Bytes),
            LogNotice.Replaced replaced => (EventTypes.AlertLogReplaced, replaced.Component, null),
            LogNotice.Failed failed => (EventTypes.AlertLogFailed, failed.Component, null),
            LogNotice.Resumed resumed => (EventTypes.AlertLogResumed, resumed.Component, null),
            _ => throw new ArgumentOutOfRangeException(nameof(notice), notice, "not a notice of the logs"),
        };
        return ReportedEvents.Make(type, now, component ?? "logs", writer =>
        {
            Write(writer, new EventField("message", notice.Message));
            if (bytes is { } size)
            {
                Write(writer, new EventField("bytes", size.ToString(CultureInfo.InvariantCulture)));
            }
        });
    }

    private static void Write(Utf8JsonWriter writer, EventField field)
    {
        if (Numbers.Contains(field.Name)
            && long.TryParse(field.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            writer.WriteNumber(field.Name, number);
            return;
        }

        // A probe's answer and a program's last words may hold anything.
        var text = SecretRedactor.RedactValue(field.Name, field.Value).Text;
        writer.WriteString(field.Name, text.Length > LongestValue ? text[..LongestValue] : text);
    }
}
