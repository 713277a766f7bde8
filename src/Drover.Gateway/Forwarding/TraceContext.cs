using Microsoft.Extensions.Primitives;

namespace Drover.Gateway.Forwarding;

/// <summary>
/// The trace that a request belongs to, which the gateway takes no part in and hands on. Source: W3C Trace Context,
/// sections 3.2 and 3.3: one that cannot be read is not handed on, and its <c>tracestate</c> neither.
/// </summary>
internal static class TraceContext
{
    /// <summary>The header with the trace's id.</summary>
    public const string Parent = "traceparent";

    /// <summary>The header with what vendors keep beside it.</summary>
    public const string State = "tracestate";

    // version "-" trace-id "-" parent-id "-" trace-flags
    private const int Length = 55;
    private const string FutureVersion = "ff";

    /// <summary>True for one value that names a trace and a span of it.</summary>
    public static bool IsValid(StringValues header)
    {
        if (header.Count != 1 || header[0] is not { Length: >= Length } value)
        {
            return false;
        }

        var version = value.AsSpan(0, 2);
        return IsHex(version) && !version.SequenceEqual(FutureVersion)
            && value[2] == '-' && IsHex(value.AsSpan(3, 32)) && value.AsSpan(3, 32).ContainsAnyExcept('0')
            && value[35] == '-' && IsHex(value.AsSpan(36, 16)) && value.AsSpan(36, 16).ContainsAnyExcept('0')
            && value[52] == '-' && IsHex(value.AsSpan(53, 2))
            && (value.Length == Length || (!version.SequenceEqual("00") && value[Length] == '-'));
    }

    private static bool IsHex(ReadOnlySpan<char> text)
    {
        foreach (var letter in text)
        {
            if (!char.IsAsciiHexDigitLower(letter))
            {
                return false;
            }
        }

        return true;
    }
}
