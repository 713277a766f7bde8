using System.Text;
using Drover.Core.Events;

namespace Drover.Reference;

/// <summary>docs/reference/events.md, from the closed set of event types.</summary>
internal static class EventsPage
{
    public static string Write()
    {
        var page = new StringBuilder();
        page.Append("# Events\n\n").Append(ReferencePages.Generated).Append("\n\n");
        page.Append(
            "Events have the fields of CloudEvents 1.0: `id`, `type`, `time`, `source`, `subject`, `severity`, `data`. "
                + "Ids are ordered;\n");
        page.Append(
            "`GET /api/v1/events` lists them, `GET /api/v1/events/stream` sends them as they happen and resumes after "
                + "`Last-Event-ID`;\n");
        page.Append("`drover events --follow` prints them. The set of types is closed.\n\n");
        page.Append("| type | severity | meaning | fields of `data` |\n|---|---|---|---|\n");
        foreach (var type in EventTypes.All)
        {
            page.Append("| `").Append(type.Name).Append("` | ").Append(Severity(type.Severity)).Append(" | ")
                .Append(ReferencePages.Escape(type.Meaning))
                .Append(" | ")
                .Append(Fields(type.DataFields))
                .Append(" |\n");
        }

        return page.ToString();
    }

    private static string Severity(EventSeverity severity) => severity switch
    {
        EventSeverity.Info => "info",
        EventSeverity.Warning => "warning",
        EventSeverity.Error => "error",
    };

    private static string Fields(string fields) => fields.Length == 0
        ? ""
        : string.Join(", ", fields.Split(", ").Select(field => $"`{field}`"));
}
