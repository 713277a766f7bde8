using System.Globalization;

namespace Drover.Server;

/// <summary>
/// What one caller can take of the server at most: the section <c>server.limits</c> of drover.yaml. The defaults let
/// 10,000 hosts work behind one address (docs/decisions, "limits").
/// </summary>
public sealed record ServerLimits
{
    /// <summary><c>host_requests</c>: signed requests a second of one host, heartbeats counted apart.</summary>
    public int HostRequests { get; init; } = 50;

    /// <summary><c>person_requests</c>: requests a second under one API token.</summary>
    public int PersonRequests { get; init; } = 50;

    /// <summary><c>stranger_requests</c>: requests a second from one address that prove nothing.</summary>
    public int StrangerRequests { get; init; } = 100;

    /// <summary>
    /// <c>wrong_tokens</c>: wrong tokens a minute from one address, at sign-in and at enrollment apart.
    /// </summary>
    public int WrongTokens { get; init; } = 20;

    /// <summary>
    /// <c>host_open_requests</c>: polls, uploads and other requests of one host that are open at once.
    /// </summary>
    public int HostOpenRequests { get; init; } = 256;

    /// <summary><c>person_open_requests</c>: streams and other requests under one API token, open at once.</summary>
    public int PersonOpenRequests { get; init; } = 128;

    /// <summary><c>connections</c>: open connections in all; the unix socket does not count.</summary>
    public int Connections { get; init; } = 50_000;

    /// <summary><c>connections_per_address</c>: open connections from one address.</summary>
    public int ConnectionsPerAddress { get; init; } = 40_000;

    /// <summary><c>header_timeout</c>: how long a request may take to send its headers.</summary>
    public TimeSpan HeaderTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary><c>body_timeout</c>: how long a request may take to send its body.</summary>
    public TimeSpan BodyTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary><c>idle_timeout</c>: how long a connection without a request is kept.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(130);

    /// <summary>
    /// How long a body or an answer may crawl below <see cref="LeastBytesPerSecond"/>; shorter in tests.
    /// </summary>
    internal TimeSpan CrawlGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A body that comes, or an answer that is taken, slower than this is cut off.</summary>
    internal double LeastBytesPerSecond { get; init; } = 240;

    /// <summary>Everything that is wrong with these limits, one sentence each.</summary>
    internal IEnumerable<string> Validate()
    {
        foreach (var (key, value, most) in new[]
        {
            ("host_requests", HostRequests, 100_000),
            ("person_requests", PersonRequests, 100_000),
            ("stranger_requests", StrangerRequests, 100_000),
            ("wrong_tokens", WrongTokens, 10_000),
            ("host_open_requests", HostOpenRequests, 100_000),
            ("person_open_requests", PersonOpenRequests, 100_000),
            ("connections", Connections, 1_000_000),
            ("connections_per_address", ConnectionsPerAddress, 1_000_000),
        })
        {
            if (value < 1 || value > most)
            {
                yield return string.Create(
                    CultureInfo.InvariantCulture, $"server.limits.{key} {value} is not between 1 and {most}");
            }
        }

        foreach (var (key, value) in new[]
        {
            ("header_timeout", HeaderTimeout), ("body_timeout", BodyTimeout), ("idle_timeout", IdleTimeout),
        })
        {
            if (value < TimeSpan.FromSeconds(1) || value > TimeSpan.FromHours(1))
            {
                yield return $"server.limits.{key} {value:c} is not between 00:00:01 and 01:00:00";
            }
        }
    }
}
