using System.Globalization;
using Drover.Runtime.Docker;

namespace Drover.HostAgent.Logs;

/// <summary>
/// A place in a container's log: a moment, and how many of the lines of exactly that moment were already given. Lines
/// of both streams count, so that a cursor holds for every choice of streams.
/// </summary>
/// <param name="At">Time of the last line given.</param>
/// <param name="Given">Lines of that very nanosecond already given.</param>
internal readonly record struct LogCursor(EngineTimestamp At, int Given)
{
    /// <summary>Reads <c>RFC3339#n</c>.</summary>
    public static bool TryParse(string text, out LogCursor cursor)
    {
        cursor = default;
        var mark = text.LastIndexOf('#');
        if (mark < 0
            || !EngineTimestamp.TryParse(text.AsSpan(0, mark), out var at)
            || !int.TryParse(text.AsSpan(mark + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var given))
        {
            return false;
        }

        cursor = new LogCursor(at, given);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{At}#{Given}");
}
