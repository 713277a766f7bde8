using System.Globalization;
using Drover.Gateway.Activity;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Drover.Gateway.ColdStart;

/// <summary>How a client that finds an agent asleep is treated.</summary>
/// <param name="Wait">How long its request is held; zero: not at all.</param>
/// <param name="TakesPage">True: a browser that can show a page that waits.</param>
/// <param name="Applied">Value of <c>Preference-Applied</c> when it is held; null: it asked for nothing.</param>
internal readonly record struct ColdClient(TimeSpan Wait, bool TakesPage, string? Applied)
{
    private const string Html = "text/html";
    private const string EventStream = "text/event-stream";
    private const string FetchMode = "Sec-Fetch-Mode";
    private const string Navigate = "navigate";

    // The wake's own end, which says why, comes before that of those who wait for it.
    private static readonly TimeSpan AfterStartup = TimeSpan.FromSeconds(1);

    /// <summary>What a request's own words ask for, within what its agent allows.</summary>
    public static ColdClient Of(HttpRequest request, ColdStartSpec spec, WorkKind kind)
    {
        if (kind is WorkKind.WebSocket)
        {
            return new ColdClient(spec.StartupTimeout + AfterStartup, false, null);
        }

        var isNavigation = IsNavigation(request);
        var takesPage = isNavigation && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method));
        if (Preference.WaitOf(request.Headers[Preference.Header]) is { } seconds)
        {
            var wait = TimeSpan.FromSeconds(seconds);
            wait = wait < spec.Hold.Most ? wait : spec.Hold.Most;
            var applied = string.Create(CultureInfo.InvariantCulture, $"wait={(int)wait.TotalSeconds}");
            return new ColdClient(wait, takesPage, wait == TimeSpan.Zero ? null : applied);
        }

        // A form that was sent cannot be sent again by a page that waits, and a person waits for it.
        return new ColdClient(
            takesPage ? TimeSpan.Zero : isNavigation ? spec.Hold.Most : spec.Hold.Wait, takesPage, null);
    }

    /// <summary>True when a browser's whole page becomes the answer; false for what its scripts fetch.</summary>
    public static bool IsNavigation(HttpRequest request) =>
        Names(request.Headers.Accept, Html)
        && (request.Headers[FetchMode] is not { Count: > 0 } mode
            || Navigate.Equals(mode, StringComparison.OrdinalIgnoreCase));

    /// <summary>True when a client wants to be told of changes.</summary>
    public static bool TakesEvents(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && Names(request.Headers.Accept, EventStream);

    /// <summary>True when the list has the type itself, not one that stands for all, and does not refuse it.</summary>
    private static bool Names(StringValues accept, string type)
    {
        foreach (var line in accept)
        {
            foreach (var range in line.AsSpan().Split(','))
            {
                var element = line.AsSpan(range).Trim(" \t");
                var semicolon = element.IndexOf(';');
                var name = semicolon < 0 ? element : element[..semicolon].TrimEnd(" \t");
                if (name.Equals(type, StringComparison.OrdinalIgnoreCase) && !IsRefused(element[name.Length..]))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>A weight of nothing (RFC 9110, section 12.4.2).</summary>
    private static bool IsRefused(ReadOnlySpan<char> parameters)
    {
        foreach (var range in parameters.Split(';'))
        {
            var parameter = parameters[range].Trim(" \t");
            if (parameter.StartsWith("q=", StringComparison.OrdinalIgnoreCase))
            {
                return !parameter[2..].ContainsAnyInRange('1', '9');
            }
        }

        return false;
    }
}
