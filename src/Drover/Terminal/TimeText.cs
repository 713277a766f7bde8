using System.Globalization;
using Drover.Runtime.Configuration;

namespace Drover.Terminal;

/// <summary>Times as people read them in a column.</summary>
internal static class TimeText
{
    /// <summary>
    /// How long ago, one unit: <c>8s</c>, <c>14m</c>, <c>3h</c>, <c>12d</c>. A clock that runs ahead shows <c>0s</c>.
    /// </summary>
    public static string Age(DateTimeOffset then, DateTimeOffset now)
    {
        var age = now - then;
        return age switch
        {
            _ when age < TimeSpan.FromSeconds(1) => "0s",
            _ when age < TimeSpan.FromMinutes(2) => Whole(age.TotalSeconds, "s"),
            _ when age < TimeSpan.FromHours(2) => Whole(age.TotalMinutes, "m"),
            _ when age < TimeSpan.FromDays(2) => Whole(age.TotalHours, "h"),
            _ => Whole(age.TotalDays, "d"),
        };
    }

    /// <summary>How long something took: <c>85 ms</c>, <c>1.3 s</c>, <c>2m5s</c>.</summary>
    public static string Took(TimeSpan duration) => duration switch
    {
        _ when duration < TimeSpan.Zero => "0 ms",
        _ when duration < TimeSpan.FromSeconds(1) =>
            string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMilliseconds:0} ms"),
        _ when duration < TimeSpan.FromMinutes(1) =>
            string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:0.0} s"),
        _ => DurationText.Format(TimeSpan.FromSeconds(Math.Round(duration.TotalSeconds))),
    };

    /// <summary>
    /// A moment in the reader's own time zone, which stands behind it: <c>2026-01-31 09:00:00+01:00</c>, <c>Z</c> for
    /// UTC.
    /// </summary>
    public static string Clock(DateTimeOffset time, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(time, zone);
        var format = local.Offset == TimeSpan.Zero ? "yyyy-MM-dd HH:mm:ss'Z'" : "yyyy-MM-dd HH:mm:sszzz";
        return local.ToString(format, CultureInfo.InvariantCulture);
    }

    private static string Whole(double number, string unit) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(number):0}{unit}");
}
