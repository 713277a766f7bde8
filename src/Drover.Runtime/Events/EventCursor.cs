using System.Globalization;

namespace Drover.Runtime.Events;

/// <summary>
/// The id of an event of a role, and where a reader resumes: the number of the role's run, which rises with every
/// start, and the event's own within it. As text <c>RUN-NUMBER</c>; ids are ordered over restarts.
/// </summary>
/// <param name="Run">See <see cref="Drover.Runtime.Uplink.RunNumber"/>.</param>
/// <param name="Number">Counted from 1 without a gap.</param>
public readonly record struct EventCursor(long Run, long Number)
{
    /// <summary>Reads the text of an id. False for anything that is none.</summary>
    public static bool TryParse(string? text, out EventCursor cursor)
    {
        cursor = default;
        if (text?.Split('-') is not [var run, var number]
            || !long.TryParse(run, NumberStyles.None, CultureInfo.InvariantCulture, out var parsedRun)
            || !long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var parsedNumber))
        {
            return false;
        }

        cursor = new EventCursor(parsedRun, parsedNumber);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Run}-{Number}");
}
