using System.Globalization;

namespace Drover.Runtime.Docker;

/// <summary>
/// A moment as the engine tells it: whole seconds since 1970 UTC and nanoseconds. .NET's own types stop at 100 ns,
/// which
/// is too coarse to resume a log or an event stream without losing or repeating a line.
/// </summary>
/// <param name="Seconds">Seconds since 1970-01-01T00:00:00Z.</param>
/// <param name="Nanos">0 to 999,999,999.</param>
public readonly record struct EngineTimestamp(long Seconds, int Nanos) : IComparable<EngineTimestamp>
{
    private const int NanosPerSecond = 1_000_000_000;
    private const int NanosPerTick = 100;
    private const int SecondsLength = 19;
    private const int FractionDigits = 9;
    private const string SecondsFormat = "yyyy-MM-dd'T'HH:mm:ss";

    public static bool operator <(EngineTimestamp left, EngineTimestamp right) => left.CompareTo(right) < 0;

    public static bool operator >(EngineTimestamp left, EngineTimestamp right) => left.CompareTo(right) > 0;

    public static bool operator <=(EngineTimestamp left, EngineTimestamp right) => left.CompareTo(right) <= 0;

    public static bool operator >=(EngineTimestamp left, EngineTimestamp right) => left.CompareTo(right) >= 0;

    /// <summary>From nanoseconds since 1970, the engine's <c>timeNano</c>.</summary>
    public static EngineTimestamp FromUnixNanos(long nanos)
    {
        var (seconds, rest) = Math.DivRem(nanos, NanosPerSecond);
        return rest < 0 ? new(seconds - 1, (int)rest + NanosPerSecond) : new(seconds, (int)rest);
    }

    public static EngineTimestamp From(DateTimeOffset moment)
    {
        var seconds = moment.ToUnixTimeSeconds();
        var ticks = moment.UtcTicks - DateTimeOffset.FromUnixTimeSeconds(seconds).UtcTicks;
        return new(seconds, (int)ticks * NanosPerTick);
    }

    /// <summary>Reads RFC 3339 with any number of fraction digits and any offset; false for anything else.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out EngineTimestamp timestamp)
    {
        timestamp = default;
        if (text.Length <= SecondsLength
            || !DateTime.TryParseExact(
                text[..SecondsLength], SecondsFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local)
            || !TryReadFraction(text[SecondsLength..], out var nanos, out var zone)
            || !TryReadOffset(zone, out var offset))
        {
            return false;
        }

        var ticks = local.Ticks - DateTime.UnixEpoch.Ticks - offset.Ticks;
        timestamp = new(ticks / TimeSpan.TicksPerSecond, nanos);
        return true;
    }

    public int CompareTo(EngineTimestamp other) =>
        Seconds == other.Seconds ? Nanos.CompareTo(other.Nanos) : Seconds.CompareTo(other.Seconds);

    public DateTimeOffset ToDateTimeOffset() =>
        DateTimeOffset.FromUnixTimeSeconds(Seconds).AddTicks(Nanos / NanosPerTick);

    /// <summary>The form of the engine's <c>since</c> and <c>until</c>: <c>seconds.nanos</c>, nine digits.</summary>
    public string ToQuery() => string.Create(CultureInfo.InvariantCulture, $"{Seconds}.{Nanos:D9}");

    /// <summary>RFC 3339 in UTC with nine fraction digits, so that text order is time order.</summary>
    public override string ToString()
    {
        var seconds = DateTimeOffset.FromUnixTimeSeconds(Seconds).ToString(SecondsFormat, CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{seconds}.{Nanos:D9}Z");
    }

    private static bool TryReadFraction(ReadOnlySpan<char> text, out int nanos, out ReadOnlySpan<char> rest)
    {
        nanos = 0;
        rest = text;
        if (text[0] != '.')
        {
            return true;
        }

        var digits = 1;
        while (digits < text.Length && char.IsAsciiDigit(text[digits]))
        {
            nanos = digits <= FractionDigits ? (nanos * 10) + (text[digits] - '0') : nanos;
            digits++;
        }

        for (var missing = digits - 1; missing < FractionDigits; missing++)
        {
            nanos *= 10;
        }

        rest = text[digits..];
        return digits > 1;
    }

    private static bool TryReadOffset(ReadOnlySpan<char> zone, out TimeSpan offset)
    {
        offset = default;
        if (zone is "Z" or "z")
        {
            return true;
        }

        if (zone.Length != 6
            || zone[0] is not ('+' or '-')
            || !TimeSpan.TryParseExact(zone[1..], @"hh\:mm", CultureInfo.InvariantCulture, out offset))
        {
            return false;
        }

        offset = zone[0] is '-' ? -offset : offset;
        return true;
    }
}
