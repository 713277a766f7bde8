using System.Collections.Frozen;
using Drover.Core.Agents;
using Drover.Gateway.Documents;
using Microsoft.AspNetCore.Http;

namespace Drover.Gateway.ColdStart;

/// <summary>
/// What clients of one managed agent get while it does not serve: made of its document once, read by each request.
/// </summary>
internal sealed class ColdStartSpec
{
    private const string Purpose = "Sec-Purpose";
    private const string Prefetch = "prefetch";

    private readonly FrozenSet<string> _quietPaths;
    private readonly string[] _quietUserAgents;

    private ColdStartSpec(AgentDocument document)
    {
        StatusPath = document.StatusPath;
        WakesOnRequest = document.Policy is AgentPolicy.OnDemand;
        StartupTimeout = document.StartupTimeout;
        Hold = document.Hold;
        _quietPaths = document.Quiet.Paths.ToFrozenSet(StringComparer.Ordinal);
        _quietUserAgents = [.. document.Quiet.UserAgents];
    }

    /// <summary>The one path of its hostnames that the gateway answers itself.</summary>
    public string StatusPath { get; }

    /// <summary>True: a request wakes it; false: Swarm alone starts it, and requests can only wait.</summary>
    public bool WakesOnRequest { get; }

    /// <summary>A wake that takes longer has failed.</summary>
    public TimeSpan StartupTimeout { get; }

    /// <summary>Which requests wait.</summary>
    public HoldDocument Hold { get; }

    /// <summary>What a document asks for; null: the gateway does not manage that agent, nor answers for it.</summary>
    public static ColdStartSpec? Of(AgentDocument document) =>
        document.Policy is AgentPolicy.Unmanaged ? null : new ColdStartSpec(document);

    /// <summary>True for the path that the gateway answers.</summary>
    public bool IsStatus(HttpRequest request) =>
        string.Equals(request.Path.Value, StatusPath, StringComparison.Ordinal);

    /// <summary>True for a path that neither wakes nor keeps awake, and whose last answer is kept.</summary>
    public bool IsQuietPath(HttpRequest request) => _quietPaths.Contains(request.Path.Value ?? "");

    /// <summary>True for a client that neither wakes nor keeps awake: a monitor, a browser that only guesses.</summary>
    public bool IsQuietClient(HttpRequest request)
    {
        if (request.Headers[Purpose] is { Count: > 0 } purpose
            && purpose.ToString().StartsWith(Prefetch, StringComparison.OrdinalIgnoreCase))
        {
            // What a browser fetches ahead (Fetch Standard, "Sec-Purpose") it fetches again when somebody wants it.
            return true;
        }

        if (_quietUserAgents.Length == 0)
        {
            return false;
        }

        string? name = request.Headers.UserAgent;
        return name is not null
            && Array.Exists(_quietUserAgents, part => name.Contains(part, StringComparison.OrdinalIgnoreCase));
    }
}
