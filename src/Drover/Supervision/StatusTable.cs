using System.Globalization;
using Drover.Supervisor.Control;
using Drover.Terminal;

namespace Drover.Supervision;

/// <summary>
/// A line a component, for a terminal that is too low for the blocks of <see cref="StatusText"/>. Where even that is
/// too much, what is not well comes first.
/// </summary>
internal static class StatusTable
{
    // Heading, and the line that says how many are left out.
    private const int OtherLines = 2;

    /// <param name="status">What is shown.</param>
    /// <param name="now">The present.</param>
    /// <param name="paint">Colours.</param>
    /// <param name="width">Columns there are.</param>
    /// <param name="height">Lines there are.</param>
    public static IReadOnlyList<string> Lines(
        SupervisorStatus status, DateTimeOffset now, Paint paint, int width, int height)
    {
        var room = Math.Max(1, height - OtherLines - Math.Min(1, status.Warnings.Count));
        var shown = status.Components.Count <= room
            ? status.Components
            : [.. status.Components.OrderByDescending(StateWords.IsUnwell).Take(room)];
        var table = new Table(
            "COMPONENT", "STATUS", "HEALTH", "PID", "UPTIME", "RESTARTS", new("LAST ERROR", Shrinks: true));
        foreach (var component in shown)
        {
            var (state, stateTone) = StateWords.State(component);
            var (health, healthTone) = StateWords.Health(component.Health);
            table.Add(
                component.Name,
                new(state, stateTone),
                new(health, healthTone),
                component.Pid?.ToString(CultureInfo.InvariantCulture) ?? component.Container ?? "-",
                component.StartedAt is { } startedAt ? StatusText.Span(now - startedAt) : "-",
                component.Restarts.ToString(CultureInfo.InvariantCulture),
                StateWords.IsUnwell(component) ? component.LastError ?? "-" : "-");
        }

        var left = status.Components.Count - shown.Count;
        return
        [
            .. StatusText.Warnings(status, paint).Take(1),
            .. table.Lines(paint, width),
            .. left > 0 ? new[] { paint.Apply(Tone.Dim, $"and {left} more; a higher terminal shows them") } : [],
        ];
    }
}
