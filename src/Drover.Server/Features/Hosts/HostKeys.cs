using Drover.Core.Trust;

namespace Drover.Server.Features.Hosts;

/// <summary>The keys a host may sign with, as one value that is swapped whole. Never prints them.</summary>
/// <param name="Current">The one in use.</param>
/// <param name="Next">One the host was ordered to make and has given; in use from the first request with it on.</param>
/// <param name="OrderedAt">Since when it is ordered to make one; null when it is not.</param>
internal sealed record HostKeys(AgentKey Current, AgentKey? Next = null, DateTimeOffset? OrderedAt = null)
{
    /// <summary>Of a host that may sign nothing: a key that nobody has.</summary>
    public static HostKeys Nobodys() => new(AgentKey.Create());
}
