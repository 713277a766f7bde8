using Drover.Core.Trust;

namespace Drover.Server.Features.Access;

/// <summary>
/// The replay windows of one host, one for each of its routes: a storm of polls or status messages can never use up
/// the room of its heartbeats. A window is made with the first request that needs it. Not thread-safe.
/// </summary>
internal sealed class RequestWindows
{
    /// <summary>Within twice the allowed skew that is more than thirteen requests a second on one route.</summary>
    public const int RememberedRequests = 8192;

    private readonly Dictionary<string, ReplayWindow> _byRoute = new(StringComparer.Ordinal);

    /// <summary>The window of that line of the access table.</summary>
    public ReplayWindow Of(AccessRule rule)
    {
        if (!_byRoute.TryGetValue(rule.Route, out var window))
        {
            _byRoute[rule.Route] = window = new ReplayWindow(RememberedRequests);
        }

        return window;
    }
}
